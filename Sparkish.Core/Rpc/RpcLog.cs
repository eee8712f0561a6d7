using Microsoft.Extensions.Logging;

namespace Sparkish.Rpc;

/// <summary>Log events of the actor framework.</summary>
internal static partial class RpcLog
{
    [LoggerMessage(1001, LogLevel.Information, "RpcEnv {Name} listens on {Bound} as {Address}")]
    public static partial void Listening(this ILogger log, string name, string bound, RpcAddress address);

    [LoggerMessage(1026, LogLevel.Information, "Sockets for streams of RpcEnv {Name} listen on {Bound} as {Address}")]
    public static partial void BulkListening(this ILogger log, string name, string bound, RpcAddress address);

    [LoggerMessage(1002, LogLevel.Error, "A handler of endpoint {Endpoint} failed")]
    public static partial void HandlerFailed(this ILogger log, Exception error, string endpoint);

    [LoggerMessage(1003, LogLevel.Error, "Endpoint {Endpoint} failed again in its OnError")]
    public static partial void OnErrorFailed(this ILogger log, Exception error, string endpoint);

    public static void MessagesToUnknownEndpoint(this ILogger log, long count, string endpoint, string reason) =>
        log.MessagesToUnknownEndpoint(count, Messages(count), endpoint, reason);

    [LoggerMessage(1004, LogLevel.Information, "Dropped {Count} {Noun} to {Endpoint}: {Reason}")]
    private static partial void MessagesToUnknownEndpoint(this ILogger log, long count, string noun, string endpoint, string reason);

    public static void MessagesAfterEnd(this ILogger log, long count, string receiver, string reason) =>
        log.MessagesAfterEnd(count, Messages(count), receiver, reason);

    [LoggerMessage(1031, LogLevel.Debug, "Dropped {Count} {Noun} to {Receiver}: {Reason}")]
    private static partial void MessagesAfterEnd(this ILogger log, long count, string noun, string receiver, string reason);

    [LoggerMessage(1005, LogLevel.Debug, "Connected to {Peer} (env {EnvName})")]
    public static partial void Connected(this ILogger log, RpcAddress peer, string envName);

    [LoggerMessage(1006, LogLevel.Debug, "The connection with {Peer} ended: {Reason}")]
    public static partial void Disconnected(this ILogger log, RpcAddress peer, string reason);

    public static void MessagesDropped(this ILogger log, long count, string peer, string reason) =>
        log.MessagesDropped(count, Messages(count), peer, reason);

    [LoggerMessage(1007, LogLevel.Warning, "Dropped {Count} {Noun} to {Peer}: {Reason}")]
    private static partial void MessagesDropped(this ILogger log, long count, string noun, string peer, string reason);

    public static void MessagesToLeaverDropped(this ILogger log, long count, string peer, string reason) =>
        log.MessagesToLeaverDropped(count, Messages(count), peer, reason);

    [LoggerMessage(1030, LogLevel.Debug, "Dropped {Count} {Noun} to {Peer}, which has left: {Reason}")]
    private static partial void MessagesToLeaverDropped(this ILogger log, long count, string noun, string peer, string reason);

    // An asker receives the failure, and every endpoint OnNetworkError: they can judge its importance.
    [LoggerMessage(1017, LogLevel.Debug, "Cannot connect to {Peer}: {Reason}")]
    public static partial void CannotConnect(this ILogger log, RpcAddress peer, string reason);

    // A peer that refuses will refuse again: an operator has to change something.
    [LoggerMessage(1045, LogLevel.Warning, "{Peer} refuses connections of this env: {Reason}")]
    public static partial void RefusedByPeer(this ILogger log, RpcAddress peer, string reason);

    [LoggerMessage(1060, LogLevel.Warning, "Refused a node that takes messages over {Transport}: all nodes of a cluster need the same spark.rpc.factory")]
    public static partial void ForeignTransportRefused(this ILogger log, string transport);

    [LoggerMessage(1008, LogLevel.Warning, "Refused a connection from {Remote}: {Reason}")]
    public static partial void HandshakeRefused(this ILogger log, string remote, string reason);

    public static void HandshakesRefused(this ILogger log, long count, string source, string reason) =>
        log.HandshakesRefused(count, count == 1 ? "connection" : "connections", source, reason);

    [LoggerMessage(1035, LogLevel.Warning, "Refused {Count} more {Noun} from {Source}, the last because {Reason}")]
    private static partial void HandshakesRefused(this ILogger log, long count, string noun, string source, string reason);

    public static void UnreadableMessages(this ILogger log, long count, string peer, string endpoint, string reason) =>
        log.UnreadableMessages(count, Messages(count), peer, endpoint, reason);

    [LoggerMessage(1009, LogLevel.Warning, "Could not read {Count} {Noun} from {Peer} to {Endpoint}: {Reason}")]
    private static partial void UnreadableMessages(this ILogger log, long count, string noun, string peer, string endpoint, string reason);

    [LoggerMessage(1024, LogLevel.Error, "A subscriber to the dead letters of RpcEnv {Env} failed")]
    public static partial void DeadLetterSubscriberFailed(this ILogger log, Exception error, string env);

    [LoggerMessage(1032, LogLevel.Error, "RpcEnv {Env} could not create a timer: counts of dead letters are logged later")]
    public static partial void DeadLetterTimerFailed(this ILogger log, Exception error, string env);

    [LoggerMessage(1025, LogLevel.Debug,
        "Paused reading from {Peer}: more than {MaxBytes} bytes of its messages are unhandled (4 x spark.rpc.backlog.maxBytes), or of large messages are partly read (spark.rpc.buffers.maxBytes)")]
    public static partial void ReadingPaused(this ILogger log, RpcAddress peer, long maxBytes);

    [LoggerMessage(1033, LogLevel.Error, "A listener for the activities of RpcEnv {Env} failed")]
    public static partial void TracingFailed(this ILogger log, Exception error, string env);

    public static void LateReplies(this ILogger log, long count, string peer) =>
        log.LateReplies(count, count == 1 ? "reply" : "replies", peer);

    [LoggerMessage(1010, LogLevel.Information, "Ignored {Count} late {Noun} from {Peer}")]
    private static partial void LateReplies(this ILogger log, long count, string noun, string peer);

    [LoggerMessage(1012, LogLevel.Error, "A background task of RpcEnv {Name} failed")]
    public static partial void BackgroundTaskFailed(this ILogger log, Exception error, string name);

    [LoggerMessage(1013, LogLevel.Warning, "The stream {Path} to {Remote} failed: {Reason}")]
    public static partial void BulkFailed(this ILogger log, string path, string remote, string reason);

    [LoggerMessage(1018, LogLevel.Debug, "An idle stream connection with {Remote} ended: {Reason}")]
    public static partial void BulkEnded(this ILogger log, string remote, string reason);

    [LoggerMessage(1014, LogLevel.Warning, "A reply to {Peer} was lost: {Reason}")]
    public static partial void ReplyLost(this ILogger log, RpcAddress peer, string reason);

    [LoggerMessage(1015, LogLevel.Warning, "The scheduled {Message} to {Endpoint} could not be sent")]
    public static partial void ScheduledSendFailed(this ILogger log, Exception error, string message, string endpoint);

    [LoggerMessage(1016, LogLevel.Warning, "Closed the connection with {Peer}: {Reason}")]
    public static partial void ConnectionRefused(this ILogger log, RpcAddress peer, string reason);

    [LoggerMessage(1019, LogLevel.Error, "OnStop of endpoint {Endpoint} failed")]
    public static partial void OnStopFailed(this ILogger log, Exception error, string endpoint);

    [LoggerMessage(1020, LogLevel.Warning, "Endpoint {Endpoint} failed and restarts in {Pause}")]
    public static partial void Restarting(this ILogger log, Exception error, string endpoint, TimeSpan pause);

    [LoggerMessage(1027, LogLevel.Error, "Endpoint {Endpoint} did not stop before the deadline and was abandoned: one of its handlers still runs")]
    public static partial void EndpointAbandoned(this ILogger log, string endpoint);

    [LoggerMessage(1028, LogLevel.Warning, "The shutdown task {Task} of RpcEnv {Env} failed in phase {Phase}")]
    public static partial void ShutdownTaskFailed(this ILogger log, Exception error, string task, string env, ShutdownPhase phase);

    [LoggerMessage(1029, LogLevel.Error, "RpcEnv {Env} could not close its connections in time and stopped anyway")]
    public static partial void CloseAbandoned(this ILogger log, string env);

    [LoggerMessage(1021, LogLevel.Error, "Endpoint {Endpoint} failed and was stopped: it had already restarted {Restarts} times within {Window}")]
    public static partial void TooManyRestarts(this ILogger log, Exception error, string endpoint, int restarts, TimeSpan window);

    [LoggerMessage(1022, LogLevel.Error,
        "Endpoint {Endpoint} failed and is stopped: it asked for a restart, but was registered as an instance and not by a factory")]
    public static partial void NotRestartable(this ILogger log, Exception error, string endpoint);

    [LoggerMessage(1034, LogLevel.Error, "The continuation of an ask of RpcEnv {Env} failed")]
    public static partial void ContinuationFailed(this ILogger log, Exception error, string env);

    [LoggerMessage(1023, LogLevel.Error, "Endpoint {Endpoint} escalated its failure; RpcEnv {Env} stops")]
    public static partial void Escalated(this ILogger log, Exception error, string endpoint, string env);

    private static string Messages(long count) => count == 1 ? "message" : "messages";
}
