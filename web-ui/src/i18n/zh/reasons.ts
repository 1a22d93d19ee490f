import type { Reason } from '../explain';

const oneOf: Reason['expected'] = (said) => `${(said.expected ?? '').replace(/^one of /, '')} 之一`;
const spans: Reason['expected'] = '[[起点, 终点, "标签"], ...]，以字符计';

export const reasons: Record<string, Reason> = {
  wrong_password: { message: '用户名或密码错误' },
  wrong_old_password: { message: '当前密码错误' },
  too_many_attempts: { message: '错误次数过多', todo: (said) => `请在 ${/\d+/.exec(said.todo ?? '')?.[0] ?? '几'} 分钟后再试` },
  not_signed_in: { message: '尚未登录', todo: '请登录' },
  token_invalid: { message: '令牌无效' },
  setup_link_invalid: { message: '链接无效', todo: '请使用 goldleaf annotate 启动时输出的链接' },
  invitation_invalid: { message: '邀请链接已使用或已过期', todo: '请索取新的链接' },
  owner_exists: { message: '此服务器已有所有者', todo: '请登录，或向所有者索取邀请链接' },
  csrf_missing: { message: '请求未携带会话令牌', todo: '请刷新页面后重试' },

  role_too_low: {
    message: '您的角色无权进行此操作',
    found: (said) => ROLES[said.found ?? ''] ?? said.found ?? '',
    expected: (said) => `${ROLES[(said.expected ?? '').split(' ')[0]!] ?? said.expected ?? ''}或更高`,
  },
  admin_only: { message: '只有管理员可以进行此操作' },
  blind: { message: '在此项目中，标注员看不到他人的答案', found: '', expected: '' },
  bad_password: {
    message: '密码不符合要求',
    found: (said) => (said.found ?? '').replace(/ characters$/, ' 个字符'),
    expected: (said) => (said.expected ?? '').replace(/^(\d+) to ([\d,]+) characters$/, '$1 到 $2 个字符'),
  },
  bad_user_name: { message: '用户名不符合要求', expected: '字母、数字、空格和 . @ + - _，最多 64 个字符，以字母或数字开头' },
  name_taken: { message: '此名称已被使用', expected: '另一个名称' },
  last_admin: { message: '没有其他管理员', todo: '请先设置另一位管理员' },
  no_such_user: { message: '没有此用户' },
  no_such_member: { message: '项目中没有此成员' },

  no_such_project: { message: '没有此项目' },
  no_such_record: { message: '项目中没有此记录' },
  record_not_given: { message: '这条记录没有分配给您', todo: '请领取下一条记录' },
  id_taken: { message: '此编号已用于另一份答案', todo: '请使用新的编号' },
  nothing_to_correct: { message: '没有可更正的答案' },
  answered_already: { message: '您已回答过这条记录' },

  empty_file: { message: '文件为空' },
  too_large: {
    message: '文件太大',
    found: (said) => (said.found ?? '').replace(/ bytes$/, ' 字节'),
    expected: (said) => (said.expected ?? '').replace(/^at most ([\d,]+).*/, '最多 $1 字节'),
  },
  unknown_format: { message: '无法识别文件格式', expected: '以 .jsonl、.csv 等结尾的文件名', todo: '请在“格式”中选择' },
  bad_json: { message: '不是有效的 JSON', expected: '每行一个 JSON 对象' },
  bad_encoding: { message: '不是有效的 UTF-8 文本', expected: 'UTF-8 编码的文本', todo: '请将文件另存为 UTF-8' },
  no_text_column: { message: '没有文本列', expected: 'text 列，或 tokens 列', todo: '请在“文本列”中填写列名' },
  no_such_text_column: { message: '没有此文本列', todo: '请在“文本列”中更正' },
  no_such_label_column: { message: '没有此标签列', todo: '请在“标签列”中更正' },
  which_field: {
    message: '不清楚此列属于哪个字段',
    expected: (said) => (said.expected ?? '').replaceAll(' or ', ' 或 '),
    todo: '请在“单一标签列对应的字段”中选择',
  },
  labels_without_record: { message: '标签所属的记录不在项目中', expected: '已有记录的编号', todo: '请先导入记录' },
  no_annotator: { message: '文件未说明标注员', todo: '请在“标注员”中填写' },
  bad_scores: { message: '得分与标注值不符', expected: '0 到 1 的数，或每个标签、片段、词元各一个' },

  unknown_label: { message: '未知标签', expected: oneOf, todo: '请更正，或在导入时勾选“自动添加项目中没有的标签”' },
  no_such_label: { message: '没有此标签' },
  bad_label: { message: '不能用作标签', expected: '可见的文字，首尾不含空格' },
  last_label: { message: '字段至少要有一个标签' },
  label_needed: { message: '已有答案使用此标签，必须用另一个标签代替', expected: (said) => (said.expected ?? '').replaceAll(' or ', ' 或 ') },
  label_removed: { message: '此标签已被删除', expected: (said) => (said.expected ?? '').replaceAll(' or ', ' 或 '), todo: '请重新打开这条记录' },
  unknown_field: { message: '项目中没有此字段' },
  one_label: { message: '此处必须恰好有一个标签', expected: oneOf },
  bad_spans: { message: '不是有效的片段', expected: spans },
  span_outside: { message: '片段超出了文本范围' },
  tags_and_tokens: { message: '标签数与词元数不同' },
  no_tokens: { message: '逐词标注需要词元，而此记录没有', expected: '带词元的记录', todo: '请连同词元一起导入' },
  text_too_long: { message: '文字太长' },

  disk_full: { message: '磁盘已满', todo: '请清理空间后重试；未作任何更改' },
  busy: { message: '另一进程正在写入数据库', todo: '请稍后重试' },
  failed: { message: '服务器出错，没有更多信息', todo: '请查看服务器日志' },
};

const ROLES: Record<string, string> = { viewer: '只读成员', annotator: '标注员', reviewer: '审核员', owner: '所有者' };
