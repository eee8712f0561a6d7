using Sparkish.Configuration;

namespace Sparkish.Akka.Configuration;

/// <summary>The keys of envs on Akka.NET.</summary>
public static class AkkaKeys
{
    /// <summary><c>spark.akka.port</c>: the port of Akka.Remote.</summary>
    public static readonly ConfigEntry<int> Port = ConfigEntry.Int("spark.akka.port", 0,
        "Port of Akka.Remote, beside the port that the env is known by; 0 lets the system choose.", max: 65535);

    /// <summary><c>spark.akka.advertisedPort</c>: the port of Akka.Remote that peers are told.</summary>
    public static readonly ConfigEntry<int> AdvertisedPort = ConfigEntry.Int("spark.akka.advertisedPort", 0,
        "Port of Akka.Remote that peers are told, where something in between maps it; 0 for the bound one.", max: 65535);

    /// <summary><c>spark.akka.cluster.port</c>: the port of Akka.Cluster.</summary>
    public static readonly ConfigEntry<int> ClusterPort = ConfigEntry.Int("spark.akka.cluster.port", 0,
        "Port of the actor system that an env starts for Akka.Cluster, with spark.membership.provider=akka; 0 lets the system choose.", max: 65535);

    /// <summary><c>spark.akka.cluster.advertisedPort</c>: the port of Akka.Cluster that peers are told.</summary>
    public static readonly ConfigEntry<int> ClusterAdvertisedPort = ConfigEntry.Int("spark.akka.cluster.advertisedPort", 0,
        "Port of Akka.Cluster that peers are told, where something in between maps it; 0 for the bound one.", max: 65535);

    /// <summary><c>spark.akka.conf</c>: a file of settings for Akka.</summary>
    public static readonly ConfigEntry<string> Conf = ConfigEntry.Text("spark.akka.conf", "",
        "File of HOCON that is laid over the settings that the env makes for its actor systems, on every node.");
}
