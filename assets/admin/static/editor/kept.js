// What the server does not have yet is kept in this browser, under the address of its post. A new post has
// no address: it is kept under a number of its own, so that two of them do not meet.

const PREFIX = "inkstand:text:";

export const keyOf = (action) => PREFIX + (action.endsWith("/new") ? `${action}#${Date.now().toString(36)}` : action);

/** Says whether it could be kept. */
export function keep(key, fields) {
  try {
    localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields }));
    return true;
  } catch {
    // Full, or forbidden by the browser's settings.
    return false;
  }
}

export function drop(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // Then there was nothing either.
  }
}

/** The newest text kept for this address: { key, at, fields }. */
export function find(action) {
  try {
    const own = (key) => key === PREFIX + action || key.startsWith(`${PREFIX}${action}#`);
    const found = Object.keys(localStorage).filter(own).map((key) => ({ key, ...JSON.parse(localStorage.getItem(key)) }));
    return found.filter(({ fields }) => Array.isArray(fields)).sort((one, other) => other.at - one.at)[0];
  } catch {
    return undefined;
  }
}

/** Out of the way of what is written from now on. */
export function setAside(kept) {
  if (kept.key.includes("#")) return;
  const key = `${kept.key}#${kept.at.toString(36)}`;
  try {
    localStorage.setItem(key, localStorage.getItem(kept.key));
  } catch {
    return;
  }
  drop(kept.key);
  kept.key = key;
}
