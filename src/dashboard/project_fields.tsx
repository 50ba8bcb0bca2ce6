import { Field, TextArea } from '../pages/components.tsx';
import type { Errors, TypedProject } from './project_form.ts';

interface Parts {
  readonly typed: TypedProject;
  readonly errors: Errors;
}

export function ProjectFields({ typed, errors }: Parts) {
  return (
    <>
      <Field name="name" label="Name" value={typed.name} error={errors['name']} maxLength={100} required />
      <Field
        name="repository_url"
        label="Repository"
        value={typed.repositoryUrl}
        error={errors['repository_url']}
        hint={
          <>
            Such as <code>git@github.com:you/repository.git</code>. A private one is fetched over SSH, with a key of the
            project's own.
          </>
        }
        maxLength={2000}
        required
      />
      <TextArea
        name="description"
        label="Description (optional)"
        value={typed.description}
        error={errors['description']}
        rows={2}
        maxLength={1000}
      />
      <TextArea
        name="branches"
        label="Branches that build when they are pushed (optional)"
        value={typed.branches}
        error={errors['branches']}
        hint={
          <>
            One per line; <code>*</code> stands for any characters. Empty: all of them.
          </>
        }
        rows={3}
      />
    </>
  );
}

export function KnownHosts({ typed, errors }: Parts) {
  return (
    <TextArea
      name="known_hosts"
      label="Host keys of the repository (optional)"
      value={typed.knownHosts}
      error={errors['known_hosts']}
      hint={
        <>
          Lines of a <code>known_hosts</code> file. Empty: those that a runner finds next are kept.
        </>
      }
      rows={3}
    />
  );
}
