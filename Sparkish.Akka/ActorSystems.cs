using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote;
using Akka.Remote.Transport.DotNetty;
using Microsoft.Extensions.Logging;
using Sparkish.Akka.Channels;
using Sparkish.Akka.Configuration;
using Sparkish.Configuration;
using Sparkish.Diagnostics;
using Sparkish.Rpc;
using Sparkish.Security;

namespace Sparkish.Akka;

/// <summary>Starts the actor system of an env, or makes one of others ready for it.</summary>
internal static class ActorSystems
{
    private const string Loopback = "127.0.0.1";

    /// <summary>Starts an actor system for one env.</summary>
    /// <param name="options">The options of the env.</param>
    /// <param name="address">The address that peers know the env by.</param>
    /// <param name="security">How the env proves itself.</param>
    /// <param name="loggers">Take what Akka logs.</param>
    /// <exception cref="SparkException">It cannot listen, or may not.</exception>
    public static ActorSystem Start(RpcEnvOptions options, RpcAddress address, SecurityManager security, ILoggerFactory loggers)
    {
        var isMutual = IsMutual(security);
        if (options.Listen && !isMutual && !SystemAddress.IsLoopback(options.BindHost))
        {
            throw new SparkException(
                $"Service '{options.Name}' would listen on {options.BindHost}, beyond this machine, by Akka.Remote without certificates of both sides: "
                + "anyone who reaches it could send to its actors, and a secret does not prevent that. Bind to 127.0.0.1, or give all nodes certificates "
                + "(spark.ssl.rpc.enabled, certChain, privateKey, trustStore, and needClientAuth, which is on unless set).");
        }

        var (port, advertisedPort, userFile) = (options.Conf.Get(AkkaKeys.Port), options.Conf.Get(AkkaKeys.AdvertisedPort), options.Conf.Get(AkkaKeys.Conf));
        var settings = options.Listen
            ? new AkkaSettings(options.BindHost, port, address.Host, advertisedPort, isMutual, userFile)
            : new AkkaSettings(Loopback, 0, Loopback, 0, isMutual, userFile);
        return Start(options, NameFor(options), settings, settings.ToConfig(), AkkaKeys.Port, security, loggers);
    }

    /// <summary>Starts an actor system for an env's cluster. All nodes of a cluster have the same name of it.</summary>
    /// <param name="options">The options of the env.</param>
    /// <param name="address">The address that peers know the env by.</param>
    /// <param name="security">How the env proves itself.</param>
    /// <param name="loggers">Take what Akka logs.</param>
    /// <param name="roles">The roles of the env as a member.</param>
    /// <exception cref="SparkException">It cannot listen, or may not.</exception>
    public static ActorSystem StartCluster(
        RpcEnvOptions options, RpcAddress address, SecurityManager security, ILoggerFactory loggers, IReadOnlyList<string> roles)
    {
        var isMutual = IsMutual(security);
        if (security.IsProtected && !isMutual)
        {
            throw new SparkException(
                $"Membership of RpcEnv '{options.Name}' is by Akka.Cluster, whose messages a secret does not protect: anyone who reaches its port could remove "
                + "members. Give all nodes certificates (spark.ssl.rpc.enabled, certChain, privateKey, trustStore), or set spark.membership.provider to 'swim'.");
        }

        var (port, advertisedPort) = (options.Conf.Get(AkkaKeys.ClusterPort), options.Conf.Get(AkkaKeys.ClusterAdvertisedPort));
        var remoting = new AkkaSettings(options.BindHost, port, address.Host, advertisedPort, isMutual, options.Conf.Get(AkkaKeys.Conf));
        var config = new AkkaClusterSettings(remoting, roles).ToConfig();
        return Start(options, AkkaClusterSettings.SystemName, remoting, config, AkkaKeys.ClusterPort, security, loggers);
    }

    /// <summary>Makes an actor system of others ready for an env.</summary>
    /// <exception cref="SparkException">It has no remoting, or has ended.</exception>
    public static ActorSystem Check(ActorSystem system, ILogger log)
    {
        if (system.WhenTerminated.IsCompleted) throw new SparkException($"Actor system '{system.Name}' has ended: start another one.");
        var extended = (ExtendedActorSystem)system;
        if (extended.Provider is not IRemoteActorRefProvider)
            throw new SparkException(
                $"Actor system '{system.Name}' has no remoting, so no other node could be reached from it: set akka.actor.provider to 'remote' or 'cluster'.");
        AkkaSettings.AddSerializer<ChannelSerializer, ChannelMessage>(extended, ChannelSerializer.Name);
        var tcp = system.Settings.Config.GetConfig("akka.remote.dot-netty.tcp");
        if (tcp is not null && !tcp.GetBoolean("enable-ssl") && !SystemAddress.IsLoopback(SystemAddress.Of(system))) log.ActorSystemExposed(system.Name);
        return system;
    }

    private static ActorSystem Start(
        RpcEnvOptions options, string name, AkkaSettings settings, Config config, ConfigEntry<int> portKey, SecurityManager security, ILoggerFactory loggers)
    {
        var setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config), new AkkaLoggers(loggers));
        if (settings.UsesTls) setup = setup.And(TlsOf(security.Tls!));
        try
        {
            return ActorSystem.Create(name, setup);
        }
        catch (Exception error) when (error is not SparkException)
        {
            var reason = Innermost(error);
            var text = ExceptionText.MessageOf(reason).TrimEnd('.');
            throw new SparkException(reason is SocketException
                ? $"Service '{options.Name}' cannot listen on {new RpcAddress(settings.BindHost, settings.Port)} by Akka.Remote: {text}. "
                    + $"Choose another port ({portKey.Key}; 0 lets the system choose)."
                : $"Service '{options.Name}' cannot start its actor system: {text}."
                    + (settings.UserFile.Length == 0 ? "" : $" {AkkaKeys.Conf.Key} is '{settings.UserFile}': check the values of its settings."), error);
        }
    }

    private static Exception Innermost(Exception error) => error.InnerException is { } inner ? Innermost(inner) : error;

    private static bool IsMutual(SecurityManager security) => security.Tls is { ChecksCertificates: true, NeedsClientCertificate: true };

    /// <summary>
    /// The same certificate and CAs as on sockets. Akka says no reliable host name and no direction, so both sides must show a certificate for clients here;
    /// host names and roles are checked in the TLS of each channel.
    /// </summary>
    private static DotNettySslSetup TlsOf(TlsIdentity tls) => new(tls.Certificate, suppressValidation: false, requireMutualAuthentication: true,
        (certificate, chain, host, _, log) =>
        {
            var others = new X509Certificate2Collection();
            foreach (var element in chain?.ChainElements ?? Enumerable.Empty<X509ChainElement>()) others.Add(element.Certificate);
            if (tls.FindProblem(certificate, others, dialledHost: null) is not { } problem) return true;
            log.Warning("Refused a connection of {0}: {1}", host, problem);
            return false;
        });

    /// <summary>Akka's names have letters and digits. One that does not listen has a name of its own, since its address means nothing to others.</summary>
    private static string NameFor(RpcEnvOptions options)
    {
        var name = string.Concat(options.Name.Select(static letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-')).TrimStart('-');
        return options.Listen ? $"sparkish-{name}" : $"sparkish-{name}-{Guid.NewGuid():N}";
    }
}
