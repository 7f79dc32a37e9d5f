// The phones: for a citizen and for any post, and what the server sends to them.

import { announce, backoff, brief, byId, call, el, icon, memory, newId, pause, say, words } from './demo-base.js';
import { clock, day, hour, journey, rich, townNow } from './demo-town.js';

const MAX_PHOTO = 20 * 1024 * 1024;
const KEPT = 200; // messages kept per phone

export const known = new Map(); // every phone the server has, by id
export const board = {
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
    this.title = info.title || say('phones.citizen');
    this.name = info.name || this.title;
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
    const picker = el('input', { type: 'file', accept: 'image/*,audio/*,video/*,application/pdf', multiple: true, hidden: true, tabindex: -1,
      onchange: () => { [...picker.files].forEach(file => this.attach(file)); picker.value = ''; this.input.focus(); } });
    this.node = el('section', { class: 'phone', id: `phone-${this.id}`, 'data-phone': this.id, 'data-accent': this.accent, 'aria-labelledby': `title-${this.id} name-${this.id}` },
      el('div', { class: 'bar', 'aria-hidden': 'true' }, el('span', { class: 'bar-time' }, hour(new Date(townNow()).toISOString())), el('i')),
      el('header', { class: 'who' },
        el('span', { class: 'avatar', 'aria-hidden': 'true' }, initials),
        el('div', {}, el('h3', { id: `title-${this.id}`, title: this.title }, this.title), el('p', { id: `name-${this.id}` }, name)),
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

  drawFile({ url, name, alt }) {
    if (/^data:(audio|video)\//.test(url)) return el(url.startsWith('data:audio/') ? 'audio' : 'video', { src: url, controls: true, preload: 'metadata', title: name, onloadedmetadata: () => this.settle() });
    if (url.startsWith('data:application/pdf')) return el('a', { class: 'file', href: url, download: name }, icon('file'), name);
    let href;
    try { href = new URL(url, location.href); } catch { href = null; }
    if (!href || !(['http:', 'https:', 'blob:'].includes(href.protocol) || url.startsWith('data:image/'))) return el('span', { class: 'file' }, icon('file'), name);
    const link = el('a', { href: href.href, target: '_blank', rel: 'noopener noreferrer' });
    if (/\.(jpe?g|png|webp|gif|avif)$/i.test(name ?? '') || /\.(jpe?g|png|webp|gif|avif)$/i.test(href.pathname)) {
      link.append(el('img', { src: href.href, alt: alt || name || say('phones.picture'), onload: () => this.settle() }));
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
    this.said.textContent = file.size > MAX_PHOTO ? say('phones.too_big') : /^(image\/|audio\/|video\/|application\/pdf$)/.test(file.type) ? '' : say('phones.not_image');
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

export const stream = {
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
