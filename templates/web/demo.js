// The demo page: what adds a phone, tells a story, and begins.

import { announce, backoff, byId, call, el, memory, pause, say, words } from './demo-base.js';
import { board, known, stream } from './demo-phones.js';
import { clock, journey } from './demo-town.js';

// ---------------------------------------------------------------- adding a phone

const dialog = {
  posts: [],

  async open() {
    byId('dialog-search').value = '';
    byId('dialog-said').hidden = true;
    dialog.paint();
    byId('dialog').showModal();
    byId('dialog-search').focus();
    try {
      const [posts, phones] = await Promise.all([call('/demo/posts'), call('/demo/phones')]);
      dialog.posts = posts.posts;
      phones.phones.forEach(board.learn);
      dialog.paint();
    } catch (fault) { dialog.fail(fault); }
  },

  fail(fault) {
    byId('dialog-said').textContent = say('dialog.failed', { why: fault.message });
    byId('dialog-said').hidden = false;
  },

  async add(want, info) {
    try {
      const phone = info ?? await call('/demo/phones', { json: want });
      byId('dialog').close();
      board.show(phone);
    } catch (fault) { dialog.fail(fault); }
  },

  paint() {
    const wanted = byId('dialog-search').value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (...texts) => wanted.every(word => texts.join(' ').toLowerCase().includes(word));
    const row = (title, hint, onclick, note) => el('button', { type: 'button', onclick },
      el('span', {}, el('b', {}, title), el('small', {}, hint)), note && el('em', {}, note));
    const owner = new Map([...known.values()].filter(phone => phone.info.post).map(phone => [phone.info.post, phone]));
    const citizens = [...known.values()].filter(phone => !phone.info.post && !board.open.includes(phone.id) && fits(phone.name, phone.title));
    const posts = dialog.posts.filter(post => fits(post.title, post.unit, post.name, post.code));
    const rows = [
      ...fits(say('dialog.new_citizen')) ? [row(say('dialog.new_citizen'), say('dialog.new_citizen_hint'), () => dialog.add({ citizen: true }))] : [],
      ...citizens.length ? [el('h3', {}, say('dialog.closed'))] : [],
      ...citizens.map(phone => row(phone.name, phone.title, () => dialog.add(null, phone.info))),
      ...posts.length ? [el('h3', {}, say('dialog.posts'))] : [],
      ...posts.map(post => row(post.title, [post.name, post.unit].filter(Boolean).join(' · '), () => dialog.add({ post: post.code }, owner.get(post.code)?.info),
        board.open.includes(owner.get(post.code)?.id) && say('dialog.opened')))];
    byId('dialog-list').replaceChildren(...rows.length ? rows : [el('p', { class: 'empty' }, say('dialog.nothing'))]);
  },
};

// ---------------------------------------------------------------- the guide

async function tell(index) {
  const citizens = board.phones().filter(phone => phone.info.kind === 'citizen');
  const waiting = [...known.values()].find(phone => phone.info.kind === 'citizen');
  const phone = citizens.find(open => open.id === board.current) ?? citizens[0] ?? (waiting && board.show(waiting.info));
  if (!phone) return;
  const { stories } = words.guide;
  const typed = phone.input.value.trim();
  const example = stories.some(story => story.text === typed);
  phone.input.value = typed && !example ? `${typed}\n${stories[index].text}` : stories[index].text;
  board.select(phone.id, true);
  phone.input.scrollTop = 0;
  phone.node.scrollIntoView({ block: 'nearest' });
  announce(say('guide.filled', { name: phone.name }));
}

// ---------------------------------------------------------------- start

async function start() {
  let answer;
  for (let tries = 0; !answer; tries += 1) {
    answer = await call('/demo/phones').catch(() => null);
    byId('connection').hidden = Boolean(answer);
    if (!answer) await pause(backoff(tries));
  }
  memory.begin(answer.instance);
  await clock.refresh();
  answer.phones.forEach(board.learn);
  const open = memory.read('open', answer.phones.filter(phone => phone.open).map(phone => phone.id)).filter(id => known.has(id));
  open.forEach(id => board.show(known.get(id).info, { focus: false }));
  if (open[0]) board.select(open[0], false);
  else board.paint();
  stream.restart();
  journey.refresh();
}

byId('add').addEventListener('click', dialog.open);
byId('dialog-search').addEventListener('input', dialog.paint);
byId('dialog').addEventListener('click', event => { if (event.target === byId('dialog')) byId('dialog').close(); });
byId('ticket-search').addEventListener('input', journey.paintList);
document.querySelectorAll('[data-move]').forEach(button => button.addEventListener('click', () => clock.move(button)));
document.querySelectorAll('[data-story]').forEach(button => button.addEventListener('click', () => tell(Number(button.dataset.story))));
byId('tabs').addEventListener('keydown', event => {
  const step = { ArrowRight: 1, ArrowLeft: -1, Home: -board.open.length, End: board.open.length }[event.key];
  if (!step) return;
  event.preventDefault();
  const to = Math.abs(step) > 1 ? (step > 0 ? board.open.length - 1 : 0) : (board.open.indexOf(board.current) + step + board.open.length) % board.open.length;
  board.select(board.open[to], false);
});
document.addEventListener('visibilitychange', () => board.phones().forEach(phone => phone.read()));
addEventListener('storage', event => { // another window of the same page wrote
  const phone = known.get(board.open.find(id => memory.key(id) === event.key));
  if (phone) { phone.load(); phone.paintAll(); phone.toEnd(); }
});
setInterval(() => { clock.paint(); journey.paintNow(); }, 5000);
setInterval(clock.refresh, 60000);
start();
