// What a build program of a test does when it succeeds: it leaves a package and its .changes where it runs, as the
// command builder expects it.

/** Shell lines that leave them; `$1` is the package, `$2` its version, `$3` the distribution. */
export function leaveChanges(architecture: string): string {
  return `stem="$1_\${2#*:}_${architecture}"
echo "the binary package of $1 $2" > "$stem.deb"
size=$(wc -c < "$stem.deb")
sum=$(sha256sum "$stem.deb")
cat > "$stem.changes" <<END
Format: 1.8
Source: $1
Version: $2
Architecture: ${architecture}
Distribution: $3
Checksums-Sha256:
 \${sum%% *} $size $stem.deb
Files:
 00000000000000000000000000000000 $size misc optional $stem.deb
END
`;
}
