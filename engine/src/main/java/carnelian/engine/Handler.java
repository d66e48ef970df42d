package carnelian.engine;

/// What a command does. The engine has checked arity, permissions and state before.
@FunctionalInterface
public interface Handler {
  void execute(Call call);
}
