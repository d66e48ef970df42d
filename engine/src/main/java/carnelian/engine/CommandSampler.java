package carnelian.engine;

/// Port: looks at one command in so many, to find the keys that are used most.
@FunctionalInterface
public interface CommandSampler {
  /// A client has sent this command, which may still be refused, or held back and come again.
  /// Replies how many commands it does not want to see after it.
  int sampled(Call call, CommandEntry entry);

  CommandSampler NONE = (_, _) -> Integer.MAX_VALUE;
}
