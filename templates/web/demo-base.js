// What every part of the demo page needs: words, elements, requests, and what the page remembers.
// Text that people or the bot wrote is only ever put on the page as text nodes, never as HTML.

export const words = JSON.parse(document.getElementById('words').textContent);
export const lang = document.documentElement.lang;
export const byId = id => document.getElementById(id);

export function say(key, values = {}) {
  const found = key.split('.').reduce((part, name) => part?.[name], words);
  return String(found ?? key).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value == null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat().filter(child => child != null && child !== false));
  return node;
}

export function icon(name) {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  const use = document.createElementNS(ns, 'use');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

export const brief = text => String(text ?? '').replace(/\*/g, '').replace(/\s+/g, ' ').trim();
export const newId = () => crypto.randomUUID?.() ?? '10000000-1000-4000-8000-100000000000'.replace(/[018]/g,
  c => (c ^ crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> c / 4).toString(16));
export const announce = text => { byId('announce').textContent = text; };

// Waits, but no longer than until the network is back.
export const pause = ms => new Promise(done => {
  const timer = setTimeout(done, ms);
  addEventListener('online', () => { clearTimeout(timer); done(); }, { once: true });
});
export const backoff = tries => Math.min(15000, 500 * 2 ** tries) * (0.75 + Math.random() / 2);

class Fault extends Error {
  constructor(message, again) { super(message); this.again = again; }
}

// One request. A Fault says whether trying again can help.
export async function call(path, { json, body } = {}) {
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
export const memory = {
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
