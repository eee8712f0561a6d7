namespace Sparkish.Deploy.Hosting;

/// <summary>The options of a worker in the generic host.</summary>
public sealed class SparkishWorkerOptions
{
    /// <summary>The masters of the cluster, as <c>spark://host1:port1,host2:port2</c>.</summary>
    public string Masters { get; set; } = "spark://127.0.0.1:7077";

    /// <summary>The address to listen on and to advertise to other nodes.</summary>
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>The port to listen on; 0 lets the system choose.</summary>
    public int Port { get; set; }

    /// <summary>Number of cores to offer; null for all cores of the machine.</summary>
    public int? Cores { get; set; }

    /// <summary>Memory to offer in MiB; null for the machine's memory less 1 GiB.</summary>
    public int? MemoryMiB { get; set; }

    /// <summary>The directory of the files and the output of executors.</summary>
    public string WorkDirectory { get; set; } = "work";

    /// <summary>
    /// The settings, <c>spark.*</c>, as <c>sparkish worker</c> gets them with <c>--conf</c>. <c>spark.worker.executorHost</c> names the <c>sparkish</c> that
    /// runs executors, unless <c>sparkish.dll</c> lies beside the application.
    /// </summary>
    public SparkConf Conf { get; } = new(loadDefaults: false);
}
