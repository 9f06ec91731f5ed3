/** What an `--only` names of some names; all of them where it names none. */
export function chosenOf<Name extends string | number>(
  names: readonly Name[],
  only: readonly string[],
): readonly Name[] {
  const chosen = names.filter((name) => only.includes(String(name)));
  return chosen.length > 0 ? chosen : names;
}
