using System.Globalization;
using Akka.Configuration;
using Sparkish.Akka.Membership;
using Sparkish.Diagnostics;

namespace Sparkish.Akka.Configuration;

/// <summary>
/// What an env's actor system for a cluster is started with: the settings of an actor system of the env, those of Akka.Cluster over them, and the user's over
/// both.
/// </summary>
/// <param name="Remoting">The settings of an actor system, with the ports of this one.</param>
/// <param name="Roles">The roles of the env as a member.</param>
internal sealed record AkkaClusterSettings(AkkaSettings Remoting, IReadOnlyList<string> Roles)
{
    /// <summary>The name of these actor systems, which is equal on all nodes of a cluster.</summary>
    public const string SystemName = "sparkish-cluster";

    /// <summary>The settings of an actor system.</summary>
    /// <exception cref="SparkException">The user's file cannot be read, or sets what follows from <c>spark.*</c>.</exception>
    public Config ToConfig() => Remoting.UserConfig()
        .WithFallback(ConfigurationFactory.ParseString(ToHocon()))
        .WithFallback(ConfigurationFactory.ParseString(Remoting.ToHocon()));

    /// <summary>
    /// What follows from <c>spark.*</c>. Akka.Cluster tells its nodes of each other by selections, of which untrusted mode lets only these two in. A pause of
    /// three seconds is not noticed, and one that is noticed counts after it has lasted for nine.
    /// </summary>
    public string ToHocon() => string.Create(CultureInfo.InvariantCulture, $$"""
        akka {
          actor {
            provider = cluster
            serializers {
              {{MembershipSerializer.Name}} = "{{AkkaSettings.Name<MembershipSerializer>()}}"
            }
            serialization-bindings {
              "{{AkkaSettings.Name<MembershipMessage>()}}" = {{MembershipSerializer.Name}}
            }
          }
          remote.trusted-selection-paths = ["/system/cluster/core/daemon", "/system/cluster/heartbeatReceiver"]
          coordinated-shutdown {
            default-phase-timeout = 2s
            phases.cluster-exiting.timeout = 3s
          }
          cluster {
            roles = [{{ClusterRoles()}}]
            log-info = off
            run-coordinated-shutdown-when-down = on
            seed-node-timeout = 2s
            retry-unsuccessful-join-after = 2s
            periodic-tasks-initial-delay = 200ms
            gossip-interval = 500ms
            leader-actions-interval = 500ms
            unreachable-nodes-reaper-interval = 500ms
            allow-weakly-up-members = 3s
            failure-detector {
              heartbeat-interval = 500ms
              acceptable-heartbeat-pause = 4s
            }
            downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
            split-brain-resolver {
              active-strategy = keep-majority
              stable-after = 5s
              down-all-when-unstable = off
            }
          }
        }

        """);

    /// <summary>
    /// The roles of the member, for Akka's tools and strategies. Texts that HOCON cannot express are left out: members tell each other all of their roles.
    /// </summary>
    private string ClusterRoles()
    {
        var roles = Roles.Where(static role => role.Length > 0 && LogText.IsPlain(role)).Prepend(AkkaMembershipProvider.Role);
        return string.Join(", ", roles.Distinct(StringComparer.Ordinal).Select(AkkaSettings.Quoted));
    }
}
