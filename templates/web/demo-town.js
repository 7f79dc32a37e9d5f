// The town: its clock, and the journey of a report.

import { byId, call, el, icon, lang, say } from './demo-base.js';

// Bold between asterisks, aside between underscores, links, and report numbers that open the journey; everything else is plain.
export function rich(text) {
  const parts = String(text ?? '').split(
    /((?<![\w*])\*(?! )[^*\n]+(?<! )\*(?![\w*])|(?<![\w_])_(?! )[^_\n]+(?<! )_(?![\w_])|https?:\/\/[^\s<>"]+[^\s<>".,;:!?)]|\b[A-Z]{2,5}-\d{2}-[0-9A-Z]{6}\b)/);
  return parts.map((part, i) => {
    if (i % 2 === 0) return document.createTextNode(part);
    if (part[0] === '*') return el('strong', {}, ...rich(part.slice(1, -1)));
    if (part[0] === '_') return el('em', {}, ...rich(part.slice(1, -1)));
    if (part.startsWith('http')) return el('a', { href: part, target: '_blank', rel: 'noopener noreferrer' }, part);
    return el('button', { type: 'button', class: 'number', title: say('phones.open_ticket', { number: part }),
      onclick: () => journey.open(part) }, part);
  });
}

// ---------------------------------------------------------------- town time

const town = { now: null, seen: 0, open: false, next: null, offset: 420 };

function townDate(iso) { // a Date whose UTC fields are the town's wall clock
  return new Date(Date.parse(iso) + town.offset * 60000);
}
export function townNow() {
  return town.now === null ? Date.now() : town.now + (clock.moving ? 0 : Date.now() - town.seen);
}
const formats = {};
function format(iso, options) {
  const name = JSON.stringify(options);
  formats[name] ??= new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : 'id-ID', { timeZone: 'UTC', ...options });
  return formats[name].format(townDate(iso));
}
export const hour = iso => format(iso, { hour: '2-digit', minute: '2-digit', hour12: false });
export const day = iso => format(iso, { weekday: 'long', day: 'numeric', month: 'long' });
const dayShort = iso => format(iso, { weekday: 'short', day: 'numeric', month: 'short' });
const moment = iso => `${dayShort(iso)}, ${hour(iso)}`;

export const clock = {
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

// ---------------------------------------------------------------- the journey of a report

export const journey = {
  list: null, chosen: null, shown: null, timer: 0,

  changed() { // several changes in a row are one look
    clearTimeout(journey.timer);
    journey.timer = setTimeout(journey.refresh, 200);
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
