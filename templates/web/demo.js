// The demo page: phones for a citizen and for any post, a town clock, the journey of a report.
// Text that people or the bot wrote is only ever put on the page as text nodes, never as HTML.

const words = JSON.parse(document.getElementById('words').textContent);
const lang = document.documentElement.lang;
const byId = id => document.getElementById(id);
const MAX_PHOTO = 20 * 1024 * 1024;
const KEPT = 200; // messages kept per phone

// ---------------------------------------------------------------- small helpers

function say(key, values = {}) {
  const found = key.split('.').reduce((part, name) => part?.[name], words);
  return String(found ?? key).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value == null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat().filter(child => child != null && child !== false));
  return node;
}

function icon(name) {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  const use = document.createElementNS(ns, 'use');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

// Bold between asterisks, links, and report numbers that open the journey; everything else is plain.
function rich(text) {
  const parts = String(text ?? '').split(
    /((?<![\w*])\*(?! )[^*\n]+(?<! )\*(?![\w*])|https?:\/\/[^\s<>"]+[^\s<>".,;:!?)]|\b[A-Z]{2,5}-\d{2}-[0-9A-Z]{6}\b)/);
  return parts.map((part, i) => {
    if (i % 2 === 0) return document.createTextNode(part);
    if (part[0] === '*') return el('strong', {}, ...rich(part.slice(1, -1)));
    if (part.startsWith('http')) return el('a', { href: part, target: '_blank', rel: 'noopener noreferrer' }, part);
    return el('button', { type: 'button', class: 'number', title: say('phones.open_ticket', { number: part }),
      onclick: () => journey.open(part) }, part);
  });
}

const brief = text => String(text ?? '').replace(/\*/g, '').replace(/\s+/g, ' ').trim();
const newId = () => crypto.randomUUID?.() ?? '10000000-1000-4000-8000-100000000000'.replace(/[018]/g,
  c => (c ^ crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> c / 4).toString(16));
const announce = text => { byId('announce').textContent = text; };

// Waits, but no longer than until the network is back.
const pause = ms => new Promise(done => {
  const timer = setTimeout(done, ms);
  addEventListener('online', () => { clearTimeout(timer); done(); }, { once: true });
});
const backoff = tries => Math.min(15000, 500 * 2 ** tries) * (0.75 + Math.random() / 2);

class Fault extends Error {
  constructor(message, again) { super(message); this.again = again; }
}

// One request. A Fault says whether trying again can help.
async function call(path, { json, body } = {}) {
  let answer;
  try {
    answer = await fetch(path, json === undefined && body === undefined ? {} : {
      method: 'POST',
      headers: json === undefined ? { 'Content-Type': body.type } : { 'Content-Type': 'application/json' },
      body: json === undefined ? body : JSON.stringify(json),
    });
  } catch {
    throw new Fault(say('connection.no_answer'), true);
  }
  const data = await answer.json().catch(() => null);
  if (answer.ok && (data || answer.status === 204)) return data ?? {};
  const again = answer.ok || answer.status >= 500 || [408, 425, 429].includes(answer.status);
  throw new Fault(data?.error ?? say(again ? 'connection.no_answer' : 'phones.refused'), again);
}

// What the page remembers, one space per server instance.
const memory = {
  instance: '',
  key: name => `tanggap:${memory.instance}:${name}`,
  read(name, other) {
    try { return JSON.parse(localStorage.getItem(memory.key(name))) ?? other; } catch { return other; }
  },
  write(name, value) {
    try { localStorage.setItem(memory.key(name), JSON.stringify(value)); return true; } catch { return false; }
  },
  begin(instance) {
    memory.instance = instance;
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith('tanggap:') && !key.startsWith(`tanggap:${instance}:`)) localStorage.removeItem(key);
    }
  },
};

// ---------------------------------------------------------------- town time

const town = { now: null, seen: 0, open: false, next: null, offset: 420 };

function townDate(iso) { // a Date whose UTC fields are the town's wall clock
  return new Date(Date.parse(iso) + town.offset * 60000);
}
function townNow() {
  return town.now === null ? Date.now() : town.now + (clock.moving ? 0 : Date.now() - town.seen);
}
const formats = {};
function format(iso, options) {
  const name = JSON.stringify(options);
  formats[name] ??= new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : 'id-ID', { timeZone: 'UTC', ...options });
  return formats[name].format(townDate(iso));
}
const hour = iso => format(iso, { hour: '2-digit', minute: '2-digit', hour12: false });
const day = iso => format(iso, { weekday: 'long', day: 'numeric', month: 'long' });
const dayShort = iso => format(iso, { weekday: 'short', day: 'numeric', month: 'short' });
const moment = iso => `${dayShort(iso)}, ${hour(iso)}`;

const clock = {
  moving: false,

  set({ now, open, next }) {
    const zone = /([+-])(\d\d):?(\d\d)$/.exec(now);
    if (zone) town.offset = (zone[1] === '-' ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3]));
    Object.assign(town, { now: Date.parse(now), seen: Date.now(), open, next });
    clock.paint();
    journey.paintNow();
  },

  paint() {
    if (town.now === null) return;
    const now = new Date(townNow()).toISOString();
    const zone = { 420: 'WIB', 480: 'WITA', 540: 'WIT' }[town.offset] ?? '';
    byId('clock-time').replaceChildren(hour(now), el('span', {}, zone));
    byId('clock-time').dateTime = now;
    byId('clock-date').textContent = format(now, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
    byId('clock-open').textContent = say(town.open ? 'clock.open' : 'clock.closed');
    byId('clock-open').dataset.open = town.open;
    byId('clock-next').textContent = town.next ? moment(town.next) : say('clock.next_none');
    document.querySelectorAll('.bar-time').forEach(node => { node.textContent = hour(now); });
    clock.buttons();
  },

  buttons() { // aria-disabled rather than disabled: the keyboard focus stays where it was
    document.querySelectorAll('[data-move]').forEach(button => button.setAttribute('aria-disabled',
      clock.moving || (button.dataset.move === 'next_deadline' && !town.next)));
  },

  async move(button) {
    if (button.getAttribute('aria-disabled') === 'true') return;
    const said = byId('clock-said');
    clock.moving = true;
    byId('clock').dataset.moving = 'true';
    button.dataset.busy = 'true';
    said.textContent = say('clock.moving');
    clock.buttons();
    const patience = setTimeout(() => { said.textContent = say('clock.moving_long'); }, 6000);
    try {
      const result = await call('/demo/clock', { json: { move: button.dataset.move } });
      clock.moving = false;
      clock.set(result);
      const fired = result.fired ?? 0;
      said.textContent = `${say('clock.moved', { time: moment(result.now) })} ${
        say(fired > 1 ? 'clock.fired_n' : `clock.fired_${fired}`, { n: fired })}`;
    } catch (fault) {
      said.textContent = say('clock.failed', { why: fault.message });
    }
    clearTimeout(patience);
    clock.moving = false;
    delete byId('clock').dataset.moving;
    delete button.dataset.busy;
    clock.paint();
    journey.refresh();
  },

  async refresh() {
    if (!clock.moving) await call('/demo/clock').then(clock.set, () => {});
  },
};

// ---------------------------------------------------------------- phones

const known = new Map(); // every phone the server has, by id
const board = {
  open: [],    // ids of the open phones, in order
  current: '', // the one shown on a narrow screen

  phones: () => board.open.map(id => known.get(id)),

  learn(info) {
    if (!known.has(info.id)) known.set(info.id, new Phone(info));
    return known.get(info.id);
  },

  show(info, { focus = true } = {}) {
    const phone = board.learn(info);
    if (!board.open.includes(phone.id)) {
      phone.accent = [0, 1, 2, 3, 4, 5, 6, 7].find(n => (n === 0) === (info.kind === 'citizen')
        && (n === 0 || !board.phones().some(other => other.accent === n))) ?? 1 + board.open.length % 7;
      board.open.push(phone.id);
      phone.build();
      byId('phones').append(phone.node);
      watcher.observe(phone.node);
      memory.write('open', board.open);
      stream.restart();
    }
    board.select(phone.id, focus);
    return phone;
  },

  close(id) {
    const at = board.open.indexOf(id);
    const phone = known.get(id);
    board.open.splice(at, 1);
    watcher.unobserve(phone.node);
    phone.node.remove();
    phone.visible = false;
    memory.write('open', board.open);
    stream.restart();
    const next = board.open[Math.min(at, board.open.length - 1)];
    if (next) board.select(next, true);
    else { board.paint(); byId('add').focus(); }
  },

  select(id, focus) {
    board.current = id;
    board.paint();
    const phone = known.get(id);
    if (focus) {
      phone.node.scrollIntoView({ inline: 'nearest', block: 'nearest' });
      phone.input.focus({ preventScroll: true });
    }
    phone.paintComposer();
    phone.toEnd();
  },

  paint() {
    const tabs = board.phones().map(phone => {
      const current = phone.id === board.current;
      phone.node.toggleAttribute('data-current', current);
      return el('button', { type: 'button', role: 'tab', id: `tab-${phone.id}`, class: 'tab', 'data-accent': phone.accent,
        'aria-selected': String(current), 'aria-controls': `phone-${phone.id}`, tabindex: current ? 0 : -1,
        onclick: () => board.select(phone.id, !matchMedia('(max-width: 640px)').matches) },
      phone.unread > 0 && el('b', { class: 'badge', title: say('phones.unread', { n: phone.unread }) }, String(phone.unread)),
      el('span', {}, phone.short));
    });
    const focused = byId('tabs').contains(document.activeElement);
    byId('tabs').replaceChildren(...tabs);
    const selected = byId('tabs').querySelector('[aria-selected=true]');
    if (focused) selected?.focus();
    if (selected) byId('tabs').scrollLeft = selected.offsetLeft - (byId('tabs').clientWidth - selected.offsetWidth) / 2;
    byId('phones').dataset.none = board.open.length ? '' : say('phones.none');
    document.body.toggleAttribute('data-many', board.open.length > 4);
    const unread = board.phones().reduce((sum, phone) => sum + phone.unread, 0);
    document.title = unread ? `(${unread}) ${words.page_title}` : words.page_title;
  },
};

// A phone's messages count as read only while the phone is on the screen.
const watcher = new IntersectionObserver(entries => entries.forEach(entry => {
  const phone = known.get(entry.target.dataset.phone);
  phone.visible = entry.isIntersecting;
  phone.read();
}), { threshold: 0.4 });

class Phone {
  constructor(info) {
    Object.assign(this, { info, id: info.id, unread: 0, visible: false, pumping: false, tray: [], path: `/demo/phones/${encodeURIComponent(info.id)}` });
    this.name = info.name || info.title;
    this.short = info.kind === 'citizen' ? this.name.split(' ')[0] : info.short ?? info.title;
    this.load();
    this.pump();
  }

  load() {
    const kept = memory.read(this.id, {});
    this.messages = kept.messages ?? [];
    this.queue = kept.queue ?? [];
    this.seen = new Set(kept.seen ?? []);
    const draft = memory.read(`${this.id}:draft`, {});
    this.draft = draft.text ?? '';
    this.replyTo = draft.replyTo ?? null;
  }

  save() {
    this.messages = this.messages.slice(-KEPT);
    const keep = () => memory.write(this.id, { messages: this.messages, queue: this.queue, seen: [...this.seen].slice(-3 * KEPT) });
    for (let tries = 0; !keep() && tries < 4; tries += 1) { // the browser's store is full: let old pictures and messages go
      this.messages.forEach((message, i) => { if (i < this.messages.length - 10) delete message.thumbs; });
      this.messages = this.messages.slice(-Math.max(20, this.messages.length / 2));
    }
  }

  // ---- the phone itself

  build() {
    const { info, name } = this;
    const initials = name.split(/\s+/).filter(part => /^\p{Lu}/u.test(part)).slice(0, 2).map(part => part[0]).join('') || '?';
    this.badge = el('span', { class: 'fresh' });
    this.log = el('div', { class: 'log', role: 'log', tabindex: 0, 'aria-label': say('phones.log', { name }),
      onscroll: () => this.node.toggleAttribute('data-up', this.fromEnd() > 120) });
    this.quote = el('div', { class: 'quoting', hidden: true });
    this.trayNode = el('div', { class: 'tray', hidden: true });
    this.said = el('p', { class: 'said', role: 'status' });
    this.input = el('textarea', { rows: 1, 'aria-label': say('phones.input', { name }), placeholder: say('phones.placeholder'),
      enterkeyhint: 'send',
      oninput: () => this.paintComposer(),
      onkeydown: event => {
        if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.submit(); }
        if (event.key === 'Escape' && this.replyTo) this.reply(null);
      },
      onpaste: event => [...event.clipboardData.files].forEach(file => this.attach(file)) });
    this.input.value = this.draft;
    const picker = el('input', { type: 'file', accept: 'image/*', multiple: true, hidden: true, tabindex: -1,
      onchange: () => { [...picker.files].forEach(file => this.attach(file)); picker.value = ''; this.input.focus(); } });
    this.node = el('section', { class: 'phone', id: `phone-${this.id}`, 'data-phone': this.id, 'data-accent': this.accent, 'aria-labelledby': `name-${this.id}` },
      el('div', { class: 'bar', 'aria-hidden': 'true' }, el('span', { class: 'bar-time' }, hour(new Date(townNow()).toISOString())), el('i')),
      el('header', { class: 'who' },
        el('span', { class: 'avatar', 'aria-hidden': 'true' }, initials),
        el('div', {}, el('h3', { id: `name-${this.id}`, title: info.title }, info.title), el('p', {}, name)),
        this.badge,
        el('button', { type: 'button', class: 'round', 'aria-label': say('phones.close', { name }), onclick: () => board.close(this.id) }, icon('close'))),
      el('div', { class: 'log-box' }, this.log,
        el('button', { type: 'button', class: 'newest', 'aria-label': say('phones.newest'), onclick: () => this.toEnd() }, icon('down'))),
      el('form', { class: 'composer', onsubmit: event => { event.preventDefault(); this.submit(); this.input.focus(); } },
        this.quote, this.trayNode, this.said,
        el('div', { class: 'line' },
          el('button', { type: 'button', class: 'round', 'aria-label': say('phones.photo'), title: say('phones.photo'), onclick: () => picker.click() }, icon('photo')),
          picker, this.input,
          el('button', { class: 'round send', 'aria-label': say('phones.send'), title: say('phones.send') }, icon('send')))));
    new ResizeObserver(() => this.settle()).observe(this.log);
    this.paintAll();
    requestAnimationFrame(() => { this.paintComposer(); this.toEnd(); });
  }

  fromEnd() { return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight; }

  toEnd() { this.log.scrollTop = this.log.scrollHeight; }

  // Unread are messages that came while the phone was not on the screen.
  read() {
    if (this.visible && !document.hidden) this.unread = 0;
    this.badge.textContent = this.unread ? say('phones.new_n', { n: this.unread }) : '';
    board.paint();
  }

  // ---- messages

  paintAll() {
    this.log.replaceChildren(el('p', { class: 'empty' }, say(this.info.kind === 'citizen' ? 'phones.empty_citizen' : 'phones.empty_post')));
    this.messages.forEach((message, i) => this.append(message, this.messages[i - 1]));
  }

  append(message, before) {
    if (!before || day(before.at) !== day(message.at)) this.log.append(el('p', { class: 'day' }, day(message.at)));
    this.log.append(this.draw(message));
  }

  nodeOf(message) { return this.log.querySelector(`[data-message="${CSS.escape(message.id)}"]`); }

  draw(message) {
    const { own, text, files = [], thumbs = [], choices = [], replyTo } = message;
    const pictures = [
      ...thumbs.map(thumb => thumb.data ? el('img', { src: thumb.data, alt: thumb.name, onload: () => this.settle() }) : el('span', { class: 'file' }, icon('file'), thumb.name)),
      ...files.map(file => this.drawFile(file))];
    const status = el('span', { class: 'status' });
    const node = el('article', { class: own ? 'message own' : 'message', 'data-message': message.id },
      el('div', { class: 'bubble' },
        el('span', { class: 'hidden-text' }, `${say(own ? 'phones.you' : 'phones.bot')}: `),
        replyTo && el('blockquote', {}, replyTo.text),
        pictures.length > 0 && el('div', { class: 'pictures' }, pictures),
        text && el('div', { class: 'text' }, rich(text)),
        el('div', { class: 'meta' },
          message.edited && el('span', {}, say('phones.updated')),
          el('time', { datetime: message.at }, hour(message.at)), status,
          !own && el('button', { type: 'button', class: 'reply', 'aria-label': say('phones.reply_to', { text: brief(text).slice(0, 40) }),
            onclick: () => this.reply({ id: message.id, text: brief(text).slice(0, 90) || say('phones.picture') }) }, icon('reply'), say('phones.reply')))),
      choices.length > 0 && el('div', { class: 'choices', role: 'group', 'aria-label': say('phones.choices') },
        choices.map(choice => el('button', { type: 'button', 'data-choice': choice.data, onclick: () => this.press(message, choice) },
          icon('check'), el('span', {}, choice.label)))),
      el('p', { class: 'fault', role: 'alert', hidden: true }));
    this.paintState(message, node);
    return node;
  }

  drawFile({ url, name }) {
    let href;
    try { href = new URL(url, location.href); } catch { href = null; }
    if (!href || !(['http:', 'https:', 'blob:'].includes(href.protocol) || url.startsWith('data:image/'))) return el('span', { class: 'file' }, icon('file'), name);
    const link = el('a', { href: href.href, target: '_blank', rel: 'noopener noreferrer' });
    if (/\.(jpe?g|png|webp|gif|avif)$/i.test(name ?? '') || /\.(jpe?g|png|webp|gif|avif)$/i.test(href.pathname)) {
      link.append(el('img', { src: href.href, alt: name || say('phones.picture'), onload: () => this.settle() }));
    } else { link.className = 'file'; link.append(icon('file'), name); }
    return link;
  }

  // Stays at the end when a picture has loaded or the input has grown.
  settle() { if (!this.node.hasAttribute('data-up')) this.toEnd(); }

  // What changes after a message is drawn: its way to the server, the pressed choice, a refusal.
  paintState(message, node = this.nodeOf(message)) {
    if (!node) return;
    const status = node.querySelector('.status');
    node.dataset.state = message.state ?? '';
    if (message.own && message.state === 'sent') status.replaceChildren(icon('check'), el('span', { class: 'hidden-text' }, say('phones.sent')));
    else if (message.own) status.textContent = say({ retrying: 'phones.retrying', failed: 'phones.not_sent' }[message.state] ?? 'phones.sending');
    node.querySelectorAll('[data-choice]').forEach(button => {
      const pressed = message.pressed === button.dataset.choice;
      button.setAttribute('aria-pressed', String(pressed));
      button.dataset.state = pressed ? message.pressing ?? 'sent' : '';
    });
    node.querySelector('.choices')?.toggleAttribute('data-used', Boolean(message.pressed));
    const fault = node.querySelector('.fault');
    fault.hidden = !message.fault;
    fault.replaceChildren(message.fault ?? '', message.own && message.fault
      ? el('button', { type: 'button', onclick: () => this.takeBack(message) }, say('phones.edit')) : '');
  }

  // A message from the bot; the caller acknowledges it afterwards, also when it was here before.
  receive({ id, text, choices, files, edit_of: editOf, at }) {
    if (this.seen.has(id)) return;
    this.seen.add(id);
    const message = { id, ids: [id], text, choices, files, at };
    const old = editOf && this.messages.find(other => other.ids?.includes(editOf));
    const low = this.fromEnd() < 120;
    if (old) {
      const node = this.nodeOf(old);
      Object.assign(message, { ids: [...old.ids, id], edited: true });
      this.messages[this.messages.indexOf(old)] = message;
      node?.replaceWith(this.draw(message));
    } else {
      this.append(message, this.messages.at(-1));
      this.messages.push(message);
      this.unread += 1;
    }
    if (low) this.toEnd();
    this.save();
    clearTimeout(this.ringing);
    this.node.setAttribute('data-ring', '');
    this.ringing = setTimeout(() => this.node.removeAttribute('data-ring'), 2400);
    this.read();
    if (this.unread && !old) announce(say('phones.arrived', { name: this.name }));
  }

  async acknowledge(id) {
    for (let tries = 0; tries < 4; tries += 1) {
      try { return await call(`${this.path}/acks`, { json: { id } }); } catch (fault) { if (!fault.again) return null; }
      await pause(backoff(tries));
    }
    return null; // the server sends it again, and then it is acknowledged again
  }

  // ---- writing

  reply(target) { this.replyTo = target; this.paintComposer(); this.input.focus(); }

  // The input's height, what is quoted, the photos that wait; and the draft is remembered.
  paintComposer() {
    const { input, quote, replyTo, trayNode, tray } = this;
    input.style.height = 'auto';
    input.style.height = `${Math.min(input.scrollHeight + 2, 132)}px`;
    quote.hidden = !replyTo;
    quote.replaceChildren(...replyTo ? [icon('reply'),
      el('p', {}, el('b', {}, say('phones.replying')), ' ', replyTo.text),
      el('button', { type: 'button', class: 'round', 'aria-label': say('phones.cancel_reply'), onclick: () => this.reply(null) }, icon('close'))] : []);
    trayNode.hidden = !tray.length;
    trayNode.replaceChildren(...tray.map(item => el('div', { class: 'item', 'data-state': item.id ? 'ready' : 'uploading', title: item.id ? item.name : say('phones.uploading') },
      item.thumb ? el('img', { src: item.thumb, alt: item.name }) : icon('file'),
      el('button', { type: 'button', class: 'round', 'aria-label': say('phones.remove_photo', { name: item.name }),
        onclick: () => { this.said.textContent = ''; this.detach(item); input.focus(); } }, icon('close')))));
    memory.write(`${this.id}:draft`, { text: input.value, replyTo });
  }

  attach(file) {
    this.said.textContent = file.size > MAX_PHOTO ? say('phones.too_big') : file.type.startsWith('image/') ? '' : say('phones.not_image');
    if (this.said.textContent) return;
    const item = { file, name: file.name || 'foto.jpg', id: null, thumb: null };
    this.tray.push(item);
    this.paintComposer();
    thumbnail(file).then(data => { item.thumb = data; this.paintComposer(); });
    this.upload(item);
  }

  async upload(item) { // until it is there, refused, or taken away
    for (let tries = 0; !item.id && this.tray.includes(item); tries += 1) {
      try {
        item.id = (await call(`${this.path}/files?name=${encodeURIComponent(item.name)}`, { body: item.file })).file;
      } catch (fault) {
        this.said.textContent = fault.again ? say('phones.upload_failed') : fault.message;
        if (fault.again) await pause(backoff(tries));
        else { this.sendWhenReady = false; this.detach(item); }
        continue;
      }
      this.said.textContent = '';
    }
    this.paintComposer();
    if (this.sendWhenReady && this.tray.every(other => other.id)) this.submit();
  }

  detach(item) { this.tray = this.tray.filter(other => other !== item); this.paintComposer(); }

  submit() {
    const text = this.input.value.trim();
    if (!text && !this.tray.length) return;
    this.sendWhenReady = this.tray.some(item => !item.id);
    if (this.sendWhenReady) { this.said.textContent = say('phones.waiting_photo'); return; }
    const body = { id: newId(), text };
    if (this.replyTo) body.reply_to = this.replyTo.id;
    if (this.tray.length) body.files = this.tray.map(item => item.id);
    const message = { id: body.id, own: true, text, replyTo: this.replyTo, state: 'sending', at: new Date(townNow()).toISOString(),
      thumbs: this.tray.map(item => ({ name: item.name, data: item.thumb, file: item.id })) };
    this.append(message, this.messages.at(-1));
    this.messages.push(message);
    Object.assign(this, { replyTo: null, tray: [] });
    this.input.value = '';
    this.said.textContent = '';
    this.send(message, body);
    this.paintComposer();
    this.toEnd();
  }

  press(message, choice) {
    if (message.pressing === 'sending') return;
    Object.assign(message, { pressed: choice.data, pressing: 'sending', fault: null });
    this.send(message, { id: newId(), choice: choice.data });
    this.paintState(message);
  }

  // A refused message goes back to where it was written.
  takeBack(message) {
    this.input.value = [message.text, this.input.value].filter(Boolean).join('\n');
    this.tray.push(...(message.thumbs ?? []).map(thumb => ({ name: thumb.name, thumb: thumb.data, id: thumb.file })));
    this.replyTo ??= message.replyTo;
    this.nodeOf(message)?.remove();
    this.messages.splice(this.messages.indexOf(message), 1);
    this.save();
    this.paintComposer();
    this.input.focus();
  }

  send(message, body) {
    this.queue.push({ message: message.id, body });
    this.save();
    this.pump();
  }

  // Sends the queue in order; each entry keeps its id until the server has committed or refused it.
  async pump() {
    if (this.pumping) return;
    this.pumping = true;
    for (let tries = 0; this.queue.length;) {
      const { message: id, body } = this.queue[0];
      const mark = changes => {
        const message = this.messages.find(other => other.id === id || other.ids?.includes(id));
        if (!message || ('choice' in body && message.pressed !== body.choice)) return;
        const { state, fault } = changes;
        if (!('choice' in body)) Object.assign(message, changes);
        else if (state === 'failed') Object.assign(message, { pressed: null, pressing: null, fault });
        else message.pressing = state === 'sent' ? 'sent' : 'sending';
        if (this.node) this.paintState(message);
      };
      try {
        await call(`${this.path}/messages`, { json: body });
        mark({ state: 'sent' });
      } catch (fault) {
        if (fault.again) {
          mark({ state: 'retrying' });
          await pause(backoff(tries));
          tries += 1;
          continue;
        }
        mark({ state: 'failed', fault: fault.message });
      }
      tries = 0;
      this.queue.shift();
      this.save();
    }
    this.pumping = false;
  }
}

async function thumbnail(file) { // a small picture that fits the page's memory; null where the browser cannot read it
  try {
    const image = await createImageBitmap(file);
    const scale = Math.min(1, 360 / Math.max(image.width, image.height));
    const canvas = el('canvas', { width: Math.round(image.width * scale), height: Math.round(image.height * scale) });
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL('image/jpeg', 0.72);
  } catch { return null; }
}

// ---------------------------------------------------------------- what the server sends

const stream = {
  source: null, timer: 0, tries: 0, broken: false,

  restart() { clearTimeout(stream.timer); stream.timer = setTimeout(stream.start, 50); },

  start() {
    stream.source?.close();
    const query = new URLSearchParams(board.open.map(id => ['phone', id]));
    const source = stream.source = new EventSource(`/demo/events?${query}`);
    const on = (name, what) => source.addEventListener(name, event => { if (event.data) what(JSON.parse(event.data)); });
    on('message', data => {
      const phone = board.open.includes(data.phone) && known.get(data.phone);
      if (!phone) return;
      phone.receive(data);
      phone.acknowledge(data.id);
    });
    on('clock', clock.set);
    on('ticket', journey.changed);
    source.onopen = () => { stream.tries = 0; if (stream.broken) stream.again(); };
    source.onerror = () => {
      if (source !== stream.source) return;
      stream.broken = true;
      setTimeout(() => { byId('connection').hidden = !stream.broken; }, 1500);
      if (source.readyState !== EventSource.CLOSED) return; // else the browser connects again by itself
      stream.timer = setTimeout(stream.start, backoff(stream.tries));
      stream.tries += 1;
    };
  },

  async again() { // back after a break: a town begun anew wants a new page
    stream.broken = false;
    byId('connection').hidden = true;
    const { instance } = await call('/demo/phones').catch(() => ({}));
    if (instance && instance !== memory.instance) location.reload();
    clock.refresh();
    journey.refresh();
  },
};

// ---------------------------------------------------------------- the journey of a report

const journey = {
  list: null, chosen: null, shown: null, timer: 0,

  changed() { // several changes in a row are one look; the next deadline may be another one now
    clearTimeout(journey.timer);
    journey.timer = setTimeout(() => { journey.refresh(); clock.refresh(); }, 200);
  },

  async refresh() {
    const answer = await call('/demo/tickets').catch(() => null);
    if (!answer) return;
    const before = journey.list && new Set(journey.list.map(ticket => ticket.number));
    journey.list = answer.tickets;
    const newest = journey.list[0]?.number;
    const gone = !journey.list.some(ticket => ticket.number === journey.chosen);
    if (newest && (gone || (before && !before.has(newest)))) journey.chosen = newest;
    journey.paintList();
    if (journey.chosen) await journey.load(journey.chosen);
  },

  async load(number) {
    const shown = await call(`/demo/tickets/${encodeURIComponent(number)}?lang=${document.documentElement.lang}`).catch(() => null);
    if (shown && number === journey.chosen) { journey.shown = shown; journey.paint(); }
  },

  open(number) {
    if (!journey.list?.some(ticket => ticket.number === number)) return;
    journey.choose(number);
    byId('journey-title').scrollIntoView({ block: 'start' });
  },

  choose(number) { journey.chosen = number; journey.paintList(); journey.load(number); },

  paintList() {
    const wanted = byId('ticket-search').value.trim().toUpperCase();
    byId('journey-empty').hidden = journey.list.length > 0;
    byId('journey-body').hidden = !journey.list.length;
    const focused = document.activeElement?.dataset.number;
    byId('ticket-list').replaceChildren(...journey.list.filter(ticket => ticket.number.includes(wanted)).slice(0, 100).map(ticket =>
      el('li', {}, el('button', { type: 'button', 'data-number': ticket.number, 'aria-current': ticket.number === journey.chosen && 'true', onclick: () => journey.choose(ticket.number) },
        el('b', {}, ticket.number), state(ticket.state), el('span', { class: 'about' }, [say(`kind.${ticket.kind}`), ticket.unit].filter(Boolean).join(' · '))))));
    if (focused) byId('ticket-list').querySelector(`[data-number="${CSS.escape(focused)}"]`)?.focus();
  },

  paint() {
    const { number, state: now, kind, unit_name: unit, deadlines = [], events = [] } = journey.shown;
    const start = events.map(event => event.at).sort((a, b) => Date.parse(a) - Date.parse(b))[0];
    const stops = [...start ? [{ name: 'received', at: start, done: true, late: false }] : [], ...deadlines.filter(stop => stop.at)];
    byId('ticket').replaceChildren(
      el('div', { class: 'ticket-head' }, el('h3', {}, number), state(now), el('p', {}, [say(`kind.${kind}`), unit].filter(Boolean).join(' · '))),
      deadlines.length ? el('ol', { class: 'track', 'aria-label': say('tickets.track') },
        stops.map(stop => {
          const passed = stop.late && !stop.done;
          const note = stop.name === 'received' ? '' : passed ? say('tickets.late') : stop.done ? say(stop.late ? 'tickets.done_late' : 'tickets.done') : say('tickets.due');
          return el('li', { 'data-state': passed ? 'late' : stop.done ? stop.late ? 'done-late' : 'done' : 'due' },
            el('i', {}, stop.done ? icon('check') : passed ? icon('flag') : ''),
            el('b', {}, say(`tickets.${stop.name}`)), el('small', {}, note), el('time', { datetime: stop.at }, dayShort(stop.at), ' ', el('span', {}, hour(stop.at))));
        }),
        el('li', { class: 'now', 'aria-hidden': 'true' }, say('tickets.now'))) : '',
      el('ol', { class: 'events', 'aria-label': say('tickets.events') }, events.map((event, i) =>
        el('li', { 'data-icon': event.icon },
          el('time', { datetime: event.at }, i && dayShort(events[i - 1].at) === dayShort(event.at) ? '' : el('span', {}, dayShort(event.at)), hour(event.at)),
          el('i', {}, icon(['in', 'out', 'staff', 'clock', 'flag'].includes(event.icon) ? event.icon : 'flag')),
          el('p', {}, el('b', {}, event.who), ' ', el('span', {}, rich(event.what)))))));
    journey.stops = stops.map(stop => Date.parse(stop.at));
    journey.paintNow();
  },

  // The stops stand at equal distances; the marker stands in proportion between the two around it.
  paintNow() {
    const track = byId('ticket').querySelector('.track');
    if (!track) return;
    const [stops, now] = [journey.stops, townNow()];
    const next = stops.findIndex(at => at > now);
    const at = next < 0 ? stops.length - 1 + 0.35 : next === 0 ? 0 : next - 1 + (now - stops[next - 1]) / (stops[next] - stops[next - 1]);
    track.style.setProperty('--stops', stops.length);
    track.style.setProperty('--now', at);
  },
};

const state = name => el('span', { class: 'state', 'data-state': name }, say(`state.${name}`));

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
    const citizens = [...known.values()].filter(phone => !phone.info.post && !board.open.includes(phone.id) && fits(phone.name, phone.info.title));
    const posts = dialog.posts.filter(post => fits(post.title, post.unit, post.name, post.code));
    const rows = [
      ...fits(say('dialog.new_citizen')) ? [row(say('dialog.new_citizen'), say('dialog.new_citizen_hint'), () => dialog.add({ citizen: true }))] : [],
      ...citizens.length ? [el('h3', {}, say('dialog.closed'))] : [],
      ...citizens.map(phone => row(phone.name, phone.info.title, () => dialog.add(null, phone.info))),
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
