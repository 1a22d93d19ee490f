/** Files in and out. Uploads go over XMLHttpRequest, which alone can say how much has been sent. */

import { ApiError, csrfToken, path, withQuery, type ErrorBody, type Options } from './client';

export interface Upload {
  done: Promise<Record<string, unknown>>;
  stop: () => void;
}

/** Sends a file to be imported; `progress` hears of the share that has been sent. Rejects with an ApiError. */
export function importFile(project: string, file: File, query: Options['query'], progress: (share: number) => void): Upload {
  const request = new XMLHttpRequest();
  const done = new Promise<Record<string, unknown>>((resolve, reject) => {
    const fail = (code: string): void => reject(new ApiError(0, { message: code, code }));
    request.upload.onprogress = (event) => progress(event.lengthComputable ? event.loaded / event.total : 0);
    request.upload.onload = () => progress(1);
    request.onerror = () => fail('unreachable');
    request.onabort = () => fail('stopped');
    request.onload = () => {
      const body = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(body);
      else reject(new ApiError(request.status, (body['error'] as ErrorBody | undefined) ?? { message: `HTTP ${request.status}`, code: 'http' }));
    };
  });
  request.open('POST', withQuery(path('projects', project, 'import'), { name: file.name, ...query }));
  request.setRequestHeader('X-CSRF-Token', csrfToken());
  request.setRequestHeader('Content-Type', 'application/octet-stream');
  request.setRequestHeader('Accept', 'application/json');
  request.send(file);
  return { done, stop: () => request.abort() };
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** The address of an export, for a link that downloads. */
export const exportAddress = (project: string, query: Options['query']): string => withQuery(path('projects', project, 'export'), query);
