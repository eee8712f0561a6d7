namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>The error codes of ZooKeeper's servers.</summary>
internal enum ZooKeeperError
{
    Ok = 0,
    SystemError = -1,
    RuntimeInconsistency = -2,
    DataInconsistency = -3,

    /// <summary>The connection broke: whether the servers executed the request is unknown.</summary>
    ConnectionLoss = -4,
    MarshallingError = -5,
    Unimplemented = -6,
    OperationTimeout = -7,
    BadArguments = -8,
    ApiError = -100,
    NoNode = -101,
    NoAuth = -102,
    BadVersion = -103,
    NoChildrenForEphemerals = -108,
    NodeExists = -110,
    NotEmpty = -111,

    /// <summary>The servers have expired the session, its ephemeral nodes are gone, and its client cannot be used any more.</summary>
    SessionExpired = -112,
    InvalidCallback = -113,
    InvalidAcl = -114,
    AuthFailed = -115,

    /// <summary>This client was disposed.</summary>
    Closing = -116,

    /// <summary>The session has moved to another server, and this request was not executed.</summary>
    SessionMoved = -118,
    NotReadOnly = -119,
    EphemeralOnLocalSession = -120,
    QuotaExceeded = -125,
    Throttled = -127,
}
