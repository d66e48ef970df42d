package carnelian.base;

/// The versions that the outside sees.
public final class Version {
  /// Carnelian's own.
  public static final String CARNELIAN = "0.1.0";

  /// The Redis whose replies, errors and fields this server has: clients choose features by it.
  public static final String REDIS = "7.2.4";

  private Version() {}
}
