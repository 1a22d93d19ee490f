/** The panel of each kind of field. A new kind is a folder here and a line below. */

import type { Component } from 'svelte';
import type { Kind } from '$/api/types';
import ChoiceEditor from './choice/ChoiceEditor.svelte';
import type { EditorProps } from './labels';
import SpansEditor from './spans/SpansEditor.svelte';
import TagsEditor from './tags/TagsEditor.svelte';

export const editors: Record<Kind, Component<EditorProps>> = { choice: ChoiceEditor, spans: SpansEditor, tags: TagsEditor };
