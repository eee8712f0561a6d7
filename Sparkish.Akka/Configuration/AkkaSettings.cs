using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Sparkish.Akka.Channels;

namespace Sparkish.Akka.Configuration;

/// <summary>What an env's own actor system is started with, checked once: HOCON that follows from <c>spark.*</c>, and the user's over it.</summary>
/// <param name="BindHost">The address that Akka.Remote binds to.</param>
/// <param name="Port">The port that it binds to.</param>
/// <param name="AdvertisedHost">The host that peers are told.</param>
/// <param name="AdvertisedPort">The port that peers are told; 0 for the bound one.</param>
/// <param name="UsesTls">Whether Akka.Remote speaks TLS, with certificates of both sides.</param>
/// <param name="UserFile">The user's file; empty for none.</param>
internal sealed record AkkaSettings(string BindHost, int Port, string AdvertisedHost, int AdvertisedPort, bool UsesTls, string UserFile)
{
    private static readonly (string Path, string Instead)[] Reserved =
    [
        ("akka.actor.provider", "it follows from spark.membership.provider"),
        ("akka.actor.serializers", "users' actors have an actor system of their own, which AkkaRpcEnv.Over uses"),
        ("akka.actor.serialization-bindings", "users' actors have an actor system of their own, which AkkaRpcEnv.Over uses"),
        ("akka.remote.enabled-transports", "it is TCP"),
        ("akka.remote.untrusted-mode", "it is on"),
        ("akka.remote.trusted-selection-paths", "they are those of Akka.Cluster"),
        ("akka.remote.dot-netty.tcp.hostname", "it follows from the env's host"),
        ("akka.remote.dot-netty.tcp.public-hostname", "it follows from the env's advertised host"),
        ("akka.remote.dot-netty.tcp.port", "set spark.akka.port"),
        ("akka.remote.dot-netty.tcp.public-port", "set spark.akka.advertisedPort"),
        ("akka.remote.dot-netty.tcp.maximum-frame-size", "messages are cut into smaller pieces, up to spark.rpc.message.maxSize"),
        ("akka.remote.dot-netty.tcp.enable-ssl", "set spark.ssl.rpc.*"),
        ("akka.remote.dot-netty.tcp.ssl", "set spark.ssl.rpc.*"),
        ("akka.cluster.roles", "they are those of the member, from its MembershipOptions"),
        ("akka.cluster.seed-nodes", "set spark.membership.seeds"),
        ("akka.cluster.run-coordinated-shutdown-when-down", "the actor system of a removed node is replaced"),
    ];

    /// <summary>What an actor system of others has when Sparkish runs on it: the dispatcher of isolated endpoints, and the serializer of channels.</summary>
    public static string ForOtherSystems { get; } = $$"""
        {{Serializer<ChannelSerializer, ChannelMessage>(ChannelSerializer.Name)}}
        {{IsolatedDispatcher}}
        """;

    private const string IsolatedDispatcher = """
        sparkish.isolated-dispatcher {
          type = PinnedDispatcher
          throughput = 100
        }
        """;

    /// <summary>The settings of an actor system.</summary>
    /// <exception cref="SparkException">The user's file cannot be read, or sets what follows from <c>spark.*</c>.</exception>
    public Config ToConfig() => UserConfig().WithFallback(ConfigurationFactory.ParseString(ToHocon()));

    /// <summary>What follows from <c>spark.*</c>.</summary>
    public string ToHocon() => string.Create(CultureInfo.InvariantCulture, $$"""
        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          loggers = ["{{Name<AkkaLogger>()}}"]
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          coordinated-shutdown {
            run-by-clr-shutdown-hook = off
            exit-clr = off
          }
          scheduler.tick-duration = 100ms
          actor {
            provider = remote
            serializers {
              json = "{{Name<RefusingSerializer>()}}"
              akka-misc = "{{Name<NoCommandsSerializer>()}}"
              akka-system-msg = "{{Name<NoSystemMessagesSerializer>()}}"
              {{ChannelSerializer.Name}} = "{{Name<ChannelSerializer>()}}"
            }
            serialization-bindings {
              "{{Name<ChannelMessage>()}}" = {{ChannelSerializer.Name}}
            }
          }
          remote {
            untrusted-mode = on
            log-remote-lifecycle-events = off
            retry-gate-closed-for = 100ms
            flush-wait-on-shutdown = 500ms
            enabled-transports = ["akka.remote.dot-netty.tcp"]
            dot-netty.tcp {
              hostname = {{Quoted(BindHost)}}
              public-hostname = {{Quoted(AdvertisedHost)}}
              port = {{Port}}
              public-port = {{AdvertisedPort}}
              maximum-frame-size = 128000b
              enable-ssl = {{(UsesTls ? "true" : "false")}}
            }
          }
        }
        {{IsolatedDispatcher}}

        """);

    /// <summary>What the user's file sets, checked.</summary>
    /// <exception cref="SparkException">The file cannot be read, or sets what follows from <c>spark.*</c>.</exception>
    public Config UserConfig() => UserHocon.Read(AkkaKeys.Conf.Key, UserFile, Reserved);

    /// <summary>
    /// Makes a serializer known to an actor system of others, unless it is. It is added to the settings, because Akka creates its serializers again from them
    /// whenever an extension adds settings of its own, as Akka.Persistence does.
    /// </summary>
    public static void AddSerializer<TSerializer, TMessage>(ExtendedActorSystem system, string name)
    {
        if (system.Serialization.FindSerializerForType(typeof(TMessage)) is not TSerializer)
            system.Settings.InjectTopLevelFallback(ConfigurationFactory.ParseString(Serializer<TSerializer, TMessage>(name)));
    }

    private static string Serializer<TSerializer, TMessage>(string name) => $$"""
        akka.actor {
          serializers.{{name}} = "{{Name<TSerializer>()}}"
          serialization-bindings."{{Name<TMessage>()}}" = {{name}}
        }
        """;

    /// <summary>A type as HOCON names it.</summary>
    public static string Name<T>() => $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}";

    /// <summary>A text as HOCON writes it.</summary>
    public static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
