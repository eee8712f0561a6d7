using Microsoft.Extensions.Logging;
using Sparkish.Deploy;
using Sparkish.Deploy.Master;
using Sparkish.Security;

namespace Sparkish.Rest;

/// <summary>Spark's REST submission server of a master, if the settings ask for it.</summary>
internal static class MasterRest
{
    /// <summary>Starts the server; null if it is not enabled.</summary>
    /// <param name="conf">The settings of the master.</param>
    /// <param name="master">The master, which has started.</param>
    /// <param name="loggers">Creates its loggers.</param>
    /// <param name="environment">Looks up environment variables; those of this process unless given.</param>
    /// <exception cref="SparkException">A setting is wrong, ASP.NET Core is missing, or the address cannot be bound.</exception>
    public static async Task<RunningRest?> StartAsync(
        SparkConf conf, MasterNode master, ILoggerFactory loggers, Func<string, string?>? environment = null)
    {
        if (!conf.Get(RestKeys.Enabled)) return null;
        var log = loggers.CreateLogger<RestService>();
        var security = SecurityManager.From(conf, log, environment);
        try
        {
            var options = RestOptions.From(conf, security, log, environment ?? Environment.GetEnvironmentVariable);
            var service = new RestService(master.Env, options.MasterTime, log);
            AspNetCoreRuntime.Load();
            return await RunningRest.StartAsync(options, security, service, master.Env.Time, loggers).ConfigureAwait(false);
        }
        catch
        {
            security.Dispose();
            throw;
        }
    }
}
