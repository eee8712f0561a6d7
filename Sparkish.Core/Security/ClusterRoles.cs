namespace Sparkish.Security;

/// <summary>The roles of a cluster's nodes, as envs claim them (<c>RpcEnvOptions.Roles</c>). Other roles are the user's own and mean nothing here.</summary>
internal static class ClusterRoles
{
    public const string Master = "master";
    public const string Worker = "worker";
    public const string Driver = "driver";
    public const string Executor = "executor";

    /// <summary>The roles that an application's secret proves for the connecting side.</summary>
    public static readonly string[] OfApplication = [Driver, Executor];

    /// <summary>The roles that it proves for the listening side: executors also connect to the worker that started them.</summary>
    public static readonly string[] OfApplicationsListeners = [Driver, Executor, Worker];

    /// <summary>The roles that the client key proves for the connecting side.</summary>
    public static readonly string[] OfClients = [Driver];

    /// <summary>The roles that the client key proves for the listening side.</summary>
    public static readonly string[] OfMasters = [Master];

    public static bool IsOne(string role) => role is Master or Worker or Driver or Executor;
}
