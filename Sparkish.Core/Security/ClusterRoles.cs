namespace Sparkish.Security;

/// <summary>The roles of a cluster's nodes, as envs claim them (<c>RpcEnvOptions.Roles</c>). Other roles are the user's own and mean nothing here.</summary>
internal static class ClusterRoles
{
    public const string Master = "master";
    public const string Worker = "worker";
    public const string Driver = "driver";
    public const string Executor = "executor";

    /// <summary>What the secret of an application proves for the side that connects.</summary>
    public static readonly string[] OfApplication = [Driver, Executor];

    /// <summary>What it proves for the side that listens: executors also connect to the worker that started them.</summary>
    public static readonly string[] OfApplicationsListeners = [Driver, Executor, Worker];

    /// <summary>What the client key proves for the side that connects.</summary>
    public static readonly string[] OfClients = [Driver];

    /// <summary>What the client key proves for the side that listens.</summary>
    public static readonly string[] OfMasters = [Master];

    public static bool IsOne(string role) => role is Master or Worker or Driver or Executor;
}
