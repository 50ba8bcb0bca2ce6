import { Field, TextArea } from '../pages/components.tsx';
import type { TypedProject } from './project_form.ts';
import { type Errors, typedInto } from './typed.ts';

interface Parts {
  readonly typed: TypedProject;
  readonly errors: Errors;
}

export function ProjectFields({ typed, errors }: Parts) {
  const field = typedInto(errors);
  return (
    <>
      <Field {...field('name', typed.name)} label="Name" maxLength={100} required />
      <Field
        {...field('repository_url', typed.repositoryUrl)}
        label="Repository"
        hint={
          <>
            Such as <code>git@github.com:you/repository.git</code>. A private one is fetched over SSH, with a key of the
            project's own.
          </>
        }
        maxLength={2000}
        required
      />
      <TextArea {...field('description', typed.description)} label="Description (optional)" rows={2} maxLength={1000} />
      <TextArea
        {...field('branches', typed.branches)}
        label="Branches that build when they are pushed (optional)"
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
  const field = typedInto(errors);
  return (
    <TextArea
      {...field('known_hosts', typed.knownHosts)}
      label="Host keys of the repository (optional)"
      hint={
        <>
          Lines of a <code>known_hosts</code> file. Empty: those that a runner finds next are kept.
        </>
      }
      rows={3}
    />
  );
}
