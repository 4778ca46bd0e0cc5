import type { View } from '../projection/view.js';
import { callsView } from './calls.view.js';
import { casesView } from './cases.view.js';
import { complaintsView } from './complaints.view.js';
import { creditNoticesView } from './credit-notices.view.js';
import { dailyFiguresView } from './daily-figures.view.js';
import { caseDaysView, debtorDaysView } from './days.view.js';
import { denialsView } from './denials.view.js';
import { promisesView } from './promises.view.js';
import { smsView } from './sms.view.js';
import { smsRepliesView } from './sms-replies.view.js';

/** Every view, in the order in which a batch is projected: each writer takes tables in the same order. */
export const VIEWS: readonly View[] = [
  casesView,
  callsView,
  smsView,
  smsRepliesView,
  creditNoticesView,
  promisesView,
  caseDaysView,
  debtorDaysView,
  dailyFiguresView,
  denialsView,
  complaintsView,
];
