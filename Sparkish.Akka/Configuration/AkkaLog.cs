using Microsoft.Extensions.Logging;

namespace Sparkish.Akka.Configuration;

/// <summary>What an env on Akka.NET tells operators.</summary>
internal static partial class AkkaLog
{
    [LoggerMessage(8001, LogLevel.Information, "RpcEnv {Name} runs on actor system {System}")]
    public static partial void ActorSystemStarted(this ILogger log, string name, string system);

    [LoggerMessage(EventId = 8002, Message = "{Source}: {Text}")]
    public static partial void AkkaLogged(this ILogger log, LogLevel level, Exception? error, string source, string text);

    [LoggerMessage(8003, LogLevel.Warning, "Actor system {System} listens beyond this machine without mutual TLS: anyone who reaches it can send to its actors")]
    public static partial void ActorSystemExposed(this ILogger log, string system);

    [LoggerMessage(8004, LogLevel.Warning, "Actor system {System} was ended while RpcEnv {Name} ran on it")]
    public static partial void ActorSystemEnded(this ILogger log, string system, string name);
}
