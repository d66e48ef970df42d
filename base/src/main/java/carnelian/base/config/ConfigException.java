package carnelian.base.config;

import carnelian.base.Version;

/// A configuration that the server must not start with: where, what, and why.
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final int line;
  private final String text;
  private final String reason;

  /// `line` counts from 1; 0 if the fault is in no single line.
  public ConfigException(String file, int line, String text, String reason) {
    super(file + ":" + line + ": " + reason);
    this.file = file;
    this.line = line;
    this.text = text;
    this.reason = reason;
  }

  /// The file, or `-` for standard input and the command line.
  public String file() {
    return file;
  }

  /// The line, from 1, or 0.
  public int line() {
    return line;
  }

  /// Why.
  public String reason() {
    return reason;
  }

  /// What is printed on standard error before the server gives up, in Redis's form.
  public String report() {
    StringBuilder report = new StringBuilder("\n*** FATAL CONFIG FILE ERROR (Redis ");
    report.append(Version.REDIS).append(") ***\n");
    if (line > 0) {
      report.append("Reading the configuration file, at line ").append(line).append('\n');
      report.append(">>> '").append(text).append("'\n");
    }
    return report.append(reason).append("\nFile: ").append(file).append('\n').toString();
  }
}
