package carnelian.server;

import carnelian.engine.Engine;
import carnelian.engine.acl.Acl;
import carnelian.engine.diagnosis.Diagnosis;
import carnelian.engine.pubsub.KeyspaceNotifications;
import carnelian.engine.pubsub.PubSub;
import carnelian.engine.tracking.Tracking;
import carnelian.keyspace.Keyspace;
import carnelian.memory.Heap;
import carnelian.net.EventLoop;
import carnelian.persistence.snapshot.Snapshots;
import carnelian.replication.Replication;
import carnelian.scripting.Scripting;

/// What an [Instance] makes on its loop.
record Parts(
    EventLoop loop,
    Heap heap,
    Keyspace keyspace,
    Engine engine,
    PubSub pubSub,
    Acl acl,
    Tracking tracking,
    Diagnosis diagnosis,
    KeyspaceNotifications notifications,
    Snapshots snapshots,
    Durability durability,
    Replication replication,
    MemoryWatch watch,
    Gateway gateway,
    Scripting scripting,
    LocalClients localClients,
    Settings settings) {}
