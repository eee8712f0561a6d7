namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>The requests of ZooKeeper's protocol, by their numbers.</summary>
internal enum OpCode
{
    Error = -1,
    CloseSession = -11,

    /// <summary>Answered with the path alone: used within a multi; alone there is <see cref="Create2"/>.</summary>
    Create = 1,
    Delete = 2,
    Exists = 3,
    GetData = 4,
    SetData = 5,
    Sync = 9,
    Ping = 11,
    GetChildren2 = 12,
    Check = 13,
    Multi = 14,
    Create2 = 15,
    Auth = 100,
    SetWatches = 101,
}
