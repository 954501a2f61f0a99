import { element } from '../../lib/dom.js';

/** @typedef {import('../../lib/audience-tree.js').AudienceNode} AudienceNode */

const GROUPS = /** @type {Record<string, string>} */ ({ and: 'All of', or: 'Any of', not: 'Not' });

/** A tree of audiences and conditions, each with what it comes to. @param {AudienceNode} root @returns {HTMLElement} */
export function renderAudience(root) {
  return element('ul', 'audience', renderNode(root));
}

/** @param {AudienceNode} node @returns {HTMLElement} */
function renderNode(node) {
  const { kind, parts, truth } = node;
  // A group of one is what it holds.
  if ((kind === 'and' || kind === 'or') && parts.length === 1) return renderNode(parts[0]);
  const item = element('li', 'audience-node', element('span', 'audience-truth', truth === null ? 'unknown' : String(truth)), ...wordsOf(node));
  item.dataset.truth = String(truth);
  item.dataset.kind = kind;
  if (parts.length) item.append(element('ul', 'audience-parts', ...parts.map(renderNode)));
  return item;
}

/** @param {AudienceNode} node */
function wordsOf({ kind, words, actual }) {
  if (kind === 'condition') return [element('span', 'audience-wanted', words), element('span', 'audience-actual', actual)];
  return [element('span', 'audience-name', kind === 'audience' ? `Audience ${words}` : GROUPS[kind])];
}
