import type { Catalogue } from '../index.svelte';

export const guidelines: Catalogue['guidelines'] = {
  title: '标注指南',
  version: (n) => `版本 ${n}`,
  current: (n) => `版本 ${n}（当前）`,
  versions: '版本',
  edit: '编辑',
  none: '还没有标注指南',
  noneOwner: '写清每个标签的含义、边界，以及拿不准时怎么办。标注员在标注时可随时查看。',
  noneOther: '项目所有者尚未编写标注指南。',
  write: '编写标注指南',
  text: '正文（Markdown）',
  preview: '预览',
  saveVersion: (n) => `保存为版本 ${n}`,
  saved: (n) => `已保存为版本 ${n}。`,
  older: '您正在查看旧版本。',
  restore: '在此版本基础上编辑',
  restored: '已恢复您上次未保存的内容。',
  restoredBehind: (from, now) => `已恢复您上次未保存的内容。它基于版本 ${from}，此后已有人保存了版本 ${now}；该版本会保留在版本列表中。`,
};
