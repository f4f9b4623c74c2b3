// Which files a .changes may name, by what its source declares: the build that writes the .changes can lie, the .dsc
// was there before it. Pure.
import type { Changes } from '../debian/changes.ts';

/**
 * What is wrong with the names in a .changes, one line each: a package (.deb, .udeb, .ddeb) must be one of the Binary
 * field of the .dsc (policy §5.6.19) or its `-dbgsym`; any other file must have the source's name in front.
 * @param binaries the words of the Binary field; null where the .dsc is not known, and nothing can be said.
 */
export function undeclaredNames({ source, files }: Changes, binaries: readonly string[] | null): string[] {
  if (binaries === null) return [];
  const packages = new Set(binaries);
  return files.flatMap(({ name }) => {
    const underscore = name.indexOf('_');
    const stem = underscore < 0 ? name : name.slice(0, underscore);
    if (/\.[ud]?deb$/.test(name)) {
      const isDeclared = packages.has(stem) || packages.has(stem.replace(/-dbgsym$/, ''));
      return isDeclared ? [] : [`${name} is no package of ${source}: its .dsc does not name it`];
    }
    // Files by hand may have more in their name than the source: debian-installer-images_20230607_amd64.tar.gz.
    return stem === source || stem.startsWith(`${source}-`) ? [] : [`${name} does not begin with ${source}`];
  });
}
