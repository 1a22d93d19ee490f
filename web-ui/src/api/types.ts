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

/** What is not handed in yet may have holes. `pending` is what of the suggestions is not settled; missing in drafts of long ago. */
export interface ItemDraft {
  values: Record<string, Value | (string | null)[]>;
  pending?: Record<string, Value | (string | null)[]> | null;
  seconds?: number | null;
}

export interface Item {
  record: string;
  text: string;
  tokens: Offsets[] | null;
  meta: Record<string, unknown> | null;
  group: string | null;
  kind: string;
  leased_until: string | null;
  draft: ItemDraft | null;
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
  /** The answer that this one corrects: its annotation, or the id it was sent under. */
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

export interface Page<Row> {
  items: Row[];
  next: string | number | null;
  total?: number | null;
}

export interface ProjectRow {
  name: string;
  role: Role;
  records: number;
  gold: number;
  done: number;
}

export interface NewProject {
  name: string;
  template?: string;
  schema?: unknown;
  labels?: Record<string, string[]> | string[];
}

export interface Member {
  name: string;
  role: Role;
}

export interface LeaseRow {
  record: string;
  annotator: string;
  leased_until: string;
}

export interface Token {
  id: string | number;
  label: string;
  created_at: string;
  last_used_at?: string | null;
}

export interface User {
  name: string;
  admin: boolean;
  active?: boolean;
}

export interface GoldValue {
  value: Value;
  method: string;
  confidence: number | null;
}

export interface RecordRow {
  record: string;
  text_start: string;
  split: string | null;
  status: string;
  values: Values;
  annotators: string[];
  /** Answers that came too late to count. */
  surplus: number;
  gold: Record<string, unknown> | null;
  score: number | null;
}

export interface RecordPage extends Page<RecordRow> {
  /** On the first page: everybody who has annotated. */
  annotators?: string[];
}

export interface ReviewRow {
  record: string;
  text_start: string;
  answers: number;
  /** Answers that came too late: kept, not counted among the others. */
  surplus: number;
  fields_in_dispute: string[];
  disagreement: number;
  gold: string | null;
  /** Somebody asks for a decision. */
  flagged?: boolean;
  /** How probably a value is wrong; null where nothing speaks against any. */
  doubt?: number | null;
}

/** What speaks against a value of a record. */
export interface Doubt {
  field: string;
  source: string;
  score: number;
  proposed: Value | null;
  reasons: string[];
}

export interface GivenAnswer {
  annotation: string | number;
  annotator: string;
  values: Values;
  comment: string | null;
  status: Status | 'surplus';
  seconds: number | null;
  at: string | null;
}

export interface ReviewAnswer extends GivenAnswer {
  check: boolean;
  /** Whether it is one of those that are compared; a skipped or surplus answer, or one to a check question, is not. */
  counted: boolean;
}

export interface ReviewRecord {
  record: string;
  text: string;
  tokens: Offsets[] | null;
  words: Offsets[] | null;
  meta: Record<string, unknown> | null;
  answers: ReviewAnswer[];
  gold: Record<string, GoldValue>;
  suggestions: Record<string, Suggestion>;
  doubts?: Doubt[];
  decision: { reviewer: string; comment: string | null; at: string } | null;
}

export interface HistoryAnswer extends GivenAnswer {
  /** What it said before labels were renamed, merged or removed. */
  earlier?: { schema_version: number; values: Values; until: string }[];
  reason?: string | null;
  origin?: string;
  suggested?: Values | null;
  supersedes?: string | number | null;
  check?: boolean;
  control?: boolean;
  schema_version?: number;
}

export interface RecordHistory {
  record: string;
  text: string;
  tokens: Offsets[] | null;
  meta: Record<string, unknown> | null;
  group: string | null;
  timestamp: string | null;
  split: string | null;
  annotations: HistoryAnswer[];
  gold: Record<string, GoldValue>;
  suggestions: (Suggestion & { field: string })[];
  decisions: { reviewer: string; values: Values; before?: Record<string, GoldValue>; comment: string | null; at: string }[];
  leases: LeaseRow[];
}

export interface DashboardGroup {
  n: number;
  median_seconds: number | null;
  agreement: number | null;
}

export interface Dashboard {
  progress: Progress;
  by_day: { day: string; annotations: number; seconds: number }[];
  annotators: {
    name: string;
    records: number;
    seconds: number;
    median_seconds: number | null;
    skipped: number;
    flagged: number;
    surplus: number;
    agreement: number | null;
  }[];
  labels: Record<string, Record<string, number>>;
  suggestions: {
    shown: DashboardGroup;
    control: DashboardGroup;
    by_confidence: { low: number; high: number; n: number; accepted: number }[];
    wrong_accepted: { shown: number; accepted: number };
    /** The time of an answer with suggestions, times one without, with its 95 % interval; null where there are too few. */
    time_factor: { value: number; low: number; high: number } | null;
  };
  hours: number;
  checks: { asked: number; right: number };
}

/** A measured value with its 95 % interval; null where it is not defined. */
export interface Measured {
  value: number | null;
  low: number | null;
  high: number | null;
}

export interface AgreementScore extends Measured {
  name: string;
  meaning?: string;
}

/** Two labels that two annotators gave at one place (the same one twice, where they agree). */
export interface ConfusedPair {
  labels: [string, string];
  pairs: number;
  share: number;
  examples: { record: string; text: string }[];
}

export interface FieldQuality {
  kind: string;
  agreement: { records: number; compared: number; annotators: number; answers: number; unit: string; scores: AgreementScore[]; confusion: ConfusedPair[] } | null;
  methods: Record<string, number>;
  confidence: number[];
}

export interface AnnotatorQuality {
  field: string;
  annotator: string;
  answers: number;
  seconds: number | null;
  median_seconds: number | null;
  checked: number;
  gold_agreement: number | null;
  agreement: number | null;
  skill: number | null;
  low: number | null;
  high: number | null;
  labels: Record<string, { skill: number | null; low: number | null; high: number | null; answers: number }> | null;
  trend: number | null;
  trend_low: number | null;
  trend_high: number | null;
  over_time: (number | null)[] | null;
  suspicion: string[] | null;
}

export interface Suspect extends Doubt {
  record: string;
  text_start: string;
  given: Value | null;
}

export interface QualityLook {
  computing: boolean;
  fresh: boolean;
  made_at: string | null;
  failed: string | null;
  quality: { fields: Record<string, FieldQuality>; annotators: AnnotatorQuality[]; people: number } | null;
  suspected: Suspect[];
}
