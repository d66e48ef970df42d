package carnelian.base.config;

/// Save a snapshot when so many changes have come in so many seconds.
public record SavePoint(long seconds, int changes) {}
