import type { AgreementScore } from '$/api/types';
import type { Suspicion } from '$/model/quality';
import type { Catalogue } from '../index.svelte';

const percent = (value: number): string => `${Math.round(100 * value)}%`;

/** Krippendorff 的惯例：0.8 以上可靠，0.667 以上仅供参考。 */
function reliance(value: number): string {
  if (value >= 0.8) return '按 Krippendorff 惯例，数据可靠（≥0.800）。';
  return value >= 0.667 ? '按 Krippendorff 惯例，只能得出初步结论（0.667–0.800）。' : '按 Krippendorff 惯例，不足以依赖（<0.667）。';
}

function meaning({ name, value }: AgreementScore, unit: string): string {
  if (value === null) return '无法计算：没有可以比较的两份答案，或所有答案都相同。';
  const kappa = value < 0 ? `一致程度比随机还低（${percent(-value)}）` : `在随机一致之外的部分中，标注员一致的占 ${percent(value)}`;
  switch (name) {
    case 'raw_agreement':
      return `两名标注员对同一${unit === 'record' ? '记录' : '单位'}取值相同的占 ${percent(value)}，含随机一致。`;
    case 'fleiss_kappa':
      return `${kappa}，随机的比例取自所有人的总体分布。`;
    case 'ac1':
      return `${kappa}，假设标注员在难以判断时随机猜测。`;
    case 'f1_exact':
      return `一人标出的片段中，另一人以相同边界和标签标出的占 ${percent(value)}，未扣除随机一致。`;
    case 'f1_overlap':
      return `一人标出的片段中，另一人以相同标签至少部分标出的占 ${percent(value)}，未扣除随机一致。`;
    default:
      return `分歧为随机分配同样答案时的 ${percent(1 - value)}（0% 表示完全一致）。${reliance(value)}`;
  }
}

function suspicion(read: Suspicion | null, sentence: string): string {
  switch (read?.kind) {
    case 'fast':
      return `单条用时中位数 ${read.own} 秒，其他人为 ${read.others} 秒`;
    case 'constant':
      return `${read.of} 个答案中有 ${read.times} 个为 ${read.said}，其他人这样回答的占 ${read.others}%`;
    case 'copied':
      return `与另一名标注员在 ${read.of} 条共同记录中有 ${read.same} 条答案相同，按两人与他人的一致程度只应有 ${read.expected}%`;
    case 'chance':
      return `正确率 ${read.right}%（${read.low} 至 ${read.high}），随机水平为 ${read.chance}%`;
    default:
      return sentence;
  }
}

export const quality: Catalogue['quality'] = {
  title: '标签质量',
  hint: '仅审核员和项目所有者可见。',
  computing: '正在计算……',
  stale: '标签已有变化，稍后重新统计。',
  madeAt: (when) => `统计于 ${when}。`,
  failed: (why) => `无法计算：${why}`,
  nothing: '还没有可比较的内容',
  nothingText: '一致性和能力的估计需要答案，以及由两人标注的记录。',
  agreement: '一致性',
  about: (answers, people, compared) =>
    `${people.toLocaleString('zh-CN')} 人的 ${answers.toLocaleString('zh-CN')} 份答案；${compared.toLocaleString('zh-CN')} 条记录有两份或以上`,
  noOverlap: '该字段没有任何记录有两份答案，无法衡量一致性。',
  measure: '指标',
  value: '数值',
  interval: '95% 区间',
  means: '含义',
  names: {
    alpha: 'Krippendorff α',
    alpha_masi: 'α（MASI 距离）',
    alpha_u: 'α-u（片段）',
    fleiss_kappa: 'Fleiss κ',
    ac1: 'Gwet AC1',
    f1_exact: '片段 F1（完全匹配）',
    f1_overlap: '片段 F1（部分重叠）',
    raw_agreement: '原始一致率',
  },
  meaning,
  confusion: '标签之间的对应',
  confusionHint: '同一记录的成对答案。对角线上为两人一致。',
  confused: '最常混淆',
  confusedPair: (one, other, n) => `${one} 与 ${other}：${n} 对`,
  noneConfused: '没有出现两个不同标签。',
  origins: '金标来源',
  method: '方式',
  records: '记录数',
  share: '占比',
  noGold: '还没有金标。',
  confidence: '由答案得出的金标的置信度',
  confidenceOf: '置信度',
  people: '标注员',
  peopleHint: '能力为估计的正确率：有金标时与金标比较，否则与他人比较。',
  shownOf: (shown, all) => `共 ${all.toLocaleString('zh-CN')} 人，显示 ${shown.toLocaleString('zh-CN')} 人，可疑者在前。`,
  annotator: '标注员',
  field: '字段',
  answers: '答案数',
  time: '实际用时',
  median: '中位用时',
  withGold: '与金标一致',
  withOthers: '与他人一致',
  skill: '能力',
  suspicions: '可疑之处',
  noSuspicions: '没有可疑的标注员。',
  suspicion,
  details: '各标签的能力及其变化',
  label: '标签',
  overTime: '随时间变化，从最早到最近的答案',
  suspected: '可能有误的标签',
  suspectedHint: '由 goldleaf quality errors 找出，在审核队列中排在最前。',
  noSuspected: '没有：可能尚未运行 goldleaf quality errors，或已全部审核。',
  text: '文本',
  given: '金标',
  proposed: '建议改为',
  probability: '出错概率',
  why: '原因',
  toReview: '前往审核队列',
};
