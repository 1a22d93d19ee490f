import { common } from './common';

/** One line a page: a page's words live in a file of their own. */
export const en = { common };
