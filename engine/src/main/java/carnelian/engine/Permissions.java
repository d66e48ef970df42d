package carnelian.engine;

import org.jspecify.annotations.Nullable;

/// Port: what a user may do. The engine itself only asks whether a client has authenticated.
public interface Permissions {
  /// Null if the client's user may run this call, else what it is told.
  @Nullable ReplyError refusal(Call call);

  /// Everybody may do everything.
  Permissions ALL = call -> null;
}
