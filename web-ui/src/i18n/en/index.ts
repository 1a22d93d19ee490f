import { annotate } from './annotate';
import { browse } from './browse';
import { common } from './common';
import { dashboard } from './dashboard';
import { data } from './data';
import { entry } from './entry';
import { guidelines } from './guidelines';
import { people } from './people';
import { projects } from './projects';
import { quality } from './quality';
import { reasons } from './reasons';
import { review } from './review';
import { settings } from './settings';

/** One line a page: a page's words live in a file of their own. */
export const en = { annotate, browse, common, dashboard, data, entry, guidelines, people, projects, quality, reasons, review, settings };
