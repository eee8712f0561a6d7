namespace Sparkish.Deploy.Hosting;

/// <summary>The options of a master in the generic host.</summary>
public sealed class SparkishMasterOptions
{
    /// <summary>The address to listen on and to advertise to other nodes.</summary>
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>The port to listen on; 0 lets the system choose.</summary>
    public int Port { get; set; } = 7077;

    /// <summary>The settings, <c>spark.*</c>, as <c>sparkish master</c> gets them with <c>--conf</c>.</summary>
    public SparkConf Conf { get; } = new(loadDefaults: false);
}
