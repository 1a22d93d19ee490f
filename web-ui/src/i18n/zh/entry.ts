import type { Catalogue } from '../index.svelte';

export const entry: Catalogue['entry'] = {
  signIn: '登录',
  name: '用户名',
  password: '密码',
  repeat: '再次输入密码',
  passwordHint: '至少 8 个字符。几个词连在一起，好记又不易被猜到。',
  differ: '两次输入的密码不一致。',
  setupTitle: '欢迎使用 Goldleaf',
  setupText: '您是第一位用户。请设置用户名和密码，您将成为所有者，之后可以邀请其他人加入。',
  setupButton: '创建所有者账户',
  setupDone: '此服务器已有所有者。请直接登录，或向所有者索取邀请链接。',
  setupNeeded: '此服务器还没有所有者。请打开服务启动时在终端或日志中输出的一次性链接。',
  inviteTitle: '您收到了邀请',
  inviteText: '请为您的账户设置密码。此链接只能使用一次。',
  inviteButton: '设置密码并登录',
  forgotten: '忘记密码？请管理员为您生成新的链接。',
};
