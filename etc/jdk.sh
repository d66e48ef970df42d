# Sourced by ./carnelian, ./test and bench: find_jdk sets and exports JAVA_HOME to a JDK 25.

# The release file tells the version without starting a JVM.
is_jdk_25() {
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] && grep -q '^JAVA_VERSION="25[."]' "$1/release"
}

find_jdk() {
  on_path=$(command -v java || true)
  if [ -n "$on_path" ]; then
    on_path=$(readlink -f "$on_path" 2>/dev/null || echo "$on_path")
    on_path=${on_path%/bin/java}
  fi
  for candidate in "${JAVA_HOME-}" /usr/lib/jvm/*25* /opt/java/* /opt/jdk*25* \
    "${SDKMAN_DIR-$HOME/.sdkman}"/candidates/java/25* \
    /Library/Java/JavaVirtualMachines/*25*/Contents/Home "$on_path"; do
    if [ -n "$candidate" ] && is_jdk_25 "$candidate"; then
      JAVA_HOME=$candidate
      export JAVA_HOME
      return 0
    fi
  done
  echo "No JDK 25 found in JAVA_HOME, /usr/lib/jvm, /opt, SDKMAN or PATH." >&2
  echo "Debian and Ubuntu: apt-get install openjdk-25-jdk, or Temurin 25 from https://adoptium.net;" >&2
  echo "others: sdk install java 25-tem. Then set JAVA_HOME if it lies elsewhere." >&2
  return 1
}
