using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Akka;
using Sparkish.Rpc;
using Sparkish.Serialization.Messages;

namespace Sparkish.Tests.Akka;

/// <summary>Envs of these tests, and the messages between them.</summary>
internal static class AkkaEnvs
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The settings of an actor system that nobody has made safe.</summary>
    public const string Remoting = """
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          actor.provider = remote
          remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
        }
        """;

    public static MessageRegistry Messages { get; } = new MessageRegistry().Add<Note>(100);

    public static RpcEnvOptions Options(string name, SparkConf? conf = null, string host = "127.0.0.1") =>
        new(name, conf ?? new SparkConf(false), Messages) { BindHost = host, LoggerFactory = NullLoggerFactory.Instance };

    public static RpcEnv New(string name, SparkConf? conf = null, string host = "127.0.0.1") => new AkkaRpcEnvFactory().Create(Options(name, conf, host));
}

/// <summary>A text.</summary>
public sealed record Note(string Text);

/// <summary>Answers a note with the note, and fails where it is told to.</summary>
internal sealed class Echo : RpcEndpoint
{
    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        if (message is Note { Text: "fail" }) throw new InvalidOperationException("told to");
        call.Reply(message);
    }
}
