using Microsoft.Extensions.Logging;
using Sparkish.Configuration;
using Sparkish.Deploy.Master;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Hosting;

/// <summary>Warns of settings whose keys resemble known ones.</summary>
internal static class UnknownKeys
{
    public static void Warn(SparkConf conf, IRpcEnvFactory envs, ILoggerFactory loggers) =>
        KnownKeys.DeclaredIn(typeof(SparkConf).Assembly, typeof(SparkContext).Assembly, typeof(MasterNode).Assembly, envs.GetType().Assembly)
            .WarnAboutUnknownKeys(conf, loggers.CreateLogger("sparkish"));
}
