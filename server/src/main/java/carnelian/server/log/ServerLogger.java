package carnelian.server.log;

import carnelian.base.config.Choices.LogLevel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/// One SLF4J logger. SLF4J's levels carry Redis's: `trace` is debug, `debug` is verbose, `info` is
/// notice, `warn` and `error` are warning.
///
/// What libraries say below a warning is not for operators and is dropped.
final class ServerLogger extends LegacyAbstractLogger {
  private static final long serialVersionUID = 1L;

  private final transient ServerLog log;
  private final boolean ours;

  ServerLogger(String name, ServerLog log) {
    this.name = name;
    this.log = log;
    this.ours = name.startsWith("carnelian");
  }

  private boolean takes(LogLevel level) {
    return (ours || level == LogLevel.WARNING) && log.takes(level);
  }

  private static LogLevel level(Level level) {
    return switch (level) {
      case TRACE -> LogLevel.DEBUG;
      case DEBUG -> LogLevel.VERBOSE;
      case INFO -> LogLevel.NOTICE;
      case WARN, ERROR -> LogLevel.WARNING;
    };
  }

  @Override
  public boolean isTraceEnabled() {
    return takes(LogLevel.DEBUG);
  }

  @Override
  public boolean isDebugEnabled() {
    return takes(LogLevel.VERBOSE);
  }

  @Override
  public boolean isInfoEnabled() {
    return takes(LogLevel.NOTICE);
  }

  @Override
  public boolean isWarnEnabled() {
    return takes(LogLevel.WARNING);
  }

  @Override
  public boolean isErrorEnabled() {
    return takes(LogLevel.WARNING);
  }

  @Override
  protected @Nullable String getFullyQualifiedCallerName() {
    return null;
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level,
      @Nullable Marker marker,
      String pattern,
      Object @Nullable [] arguments,
      @Nullable Throwable cause) {
    String message = MessageFormatter.basicArrayFormat(pattern, arguments);
    log.write(level(level), message, cause);
  }
}
