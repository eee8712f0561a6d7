using System.Globalization;

namespace Sparkish.Tests.Processes;

/// <summary>A driver in cluster mode without a job: it waits at a gate of the test, which learns its process, and ends with a status.</summary>
internal static class SubmittedDriver
{
    public static int Run(string port, string status)
    {
        Console.WriteLine($"mode={new SparkConf().Get("spark.submit.deployMode")}");
        TaskGate.Pass(int.Parse(port, CultureInfo.InvariantCulture));
        return int.Parse(status, CultureInfo.InvariantCulture);
    }
}
