package carnelian.engine.diagnosis;

import carnelian.engine.Call;
import java.util.Set;

/// Which arguments must be shown to nobody: passwords, and what ACL commands tell.
final class SecretArguments {
  /// What stands in their place.
  static final String REDACTED = "(redacted)";

  private static final Set<String> SECRET_DIRECTIVES =
      Set.of(
          "requirepass",
          "masterauth",
          "primaryauth",
          "masteruser",
          "primaryuser",
          "tls-key-file-pass",
          "tls-client-key-file-pass");

  private SecretArguments() {}

  static boolean isSecret(Call call, int index) {
    return switch (call.name()) {
      case "auth" -> index >= 1;
      case "acl|setuser", "acl|getuser", "acl|deluser" -> index >= 2;
      case "hello" -> isAfter(call, index, "AUTH", 2);
      case "migrate" -> isAfter(call, index, "AUTH", 1) || isAfter(call, index, "AUTH2", 2);
      case "config|set" -> index >= 3 && index % 2 == 1 && isSecretDirective(call, index - 1);
      default -> false;
    };
  }

  private static boolean isAfter(Call call, int index, String word, int arguments) {
    for (int i = Math.max(index - arguments, 1); i < index; i++) {
      if (call.is(i, word)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isSecretDirective(Call call, int index) {
    for (String directive : SECRET_DIRECTIVES) {
      if (call.is(index, directive)) {
        return true;
      }
    }
    return false;
  }
}
