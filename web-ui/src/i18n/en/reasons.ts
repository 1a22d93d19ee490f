import type { Reason } from '../explain';

/** The server speaks English; here is only what a page says otherwise, because it has a control for what a command has an option for. */
export const reasons: Record<string, Reason> = {
  unknown_label: { todo: 'Correct it, or tick “Add labels that the project does not have” when importing' },
  no_text_column: { todo: 'Name it under “Column of the text”' },
  no_such_text_column: { todo: 'Correct it under “Column of the text”' },
  no_such_label_column: { todo: 'Correct it under “Column of the label”' },
  which_field: { todo: 'Choose it under “Field of a single label column”' },
  no_annotator: { todo: 'Name who annotated under “Annotator”' },
  unknown_format: { todo: 'Choose it under “Format”' },
  bad_encoding: { todo: 'Save the file as UTF-8' },
};
