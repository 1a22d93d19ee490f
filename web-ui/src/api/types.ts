/** What goes over the wire, as the server says it. Offsets are code points, end exclusive. */

export type Role = 'owner' | 'reviewer' | 'annotator' | 'viewer';
export type Kind = 'choice' | 'spans' | 'tags';
export type Span = [start: number, end: number, label: string];
export type Value = string | string[] | Span[];
export type Values = Record<string, Value>;
export type Status = 'submitted' | 'skipped' | 'flagged';
export type Offsets = [start: number, end: number];

export interface Me {
  name: string;
  admin: boolean;
  csrf: string;
  projects: { name: string; role: Role }[];
}

export interface SchemaField {
  name: string;
  kind: Kind;
  labels: string[];
  many?: boolean;
  overlap?: 'flat' | 'nested' | 'overlapping';
}

export interface Schema {
  version: number;
  fields: SchemaField[];
}

export interface LabelNote {
  definition?: string;
  examples?: string[];
  color?: string | null;
}

export type Notes = Record<string, Record<string, LabelNote>>;

export interface ProjectSettings {
  overlap: number;
  order: 'file' | 'random' | 'priority';
  lease_seconds: number;
  control_share: number;
  check_rate: number;
  suggestions: boolean;
  snap: boolean;
  blind: boolean;
  seed: number;
}

export interface Project {
  name: string;
  role: Role;
  schema: Schema;
  notes: Notes;
  settings: ProjectSettings;
  guidelines: { version: number; text: string };
  counts: Record<string, number>;
}

export interface Suggestion {
  value: Value;
  score: number | null;
  suggester: string | null;
}

export interface Item {
  record: string;
  text: string;
  tokens: Offsets[] | null;
  meta: Record<string, unknown> | null;
  group: string | null;
  kind: string;
  leased_until: string | null;
  draft: { values: Values } | null;
  answer: { annotation: string | number; values: Values; status: Status; comment: string | null } | null;
  suggestions: Record<string, Suggestion>;
  words: Offsets[] | null;
}

export interface Progress {
  mine: number;
  today: number;
  seconds_today: number;
  left: number;
  done: number;
  total: number;
}

export interface NextAnswer {
  items: Item[];
  progress: Progress;
}

export interface Submission {
  id: string;
  record: string;
  values: Values;
  status: Status;
  reason?: string;
  comment?: string;
  seconds: number;
  schema_version: number;
  supersedes?: string | number;
  suggested: Values;
  want: number;
  have: string[];
}

export interface SubmitAnswer extends NextAnswer {
  id: string;
  annotation: string | number;
  outcome: 'counted' | 'surplus' | 'known' | 'corrected';
}

export interface HistoryEntry {
  record: string;
  text_start: string;
  status: Status;
  values: Values;
  at: string;
  annotation: string | number;
}

export interface HistoryPage {
  items: HistoryEntry[];
  next: string | number | null;
}
