using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Sparkish.Deploy.Hosting;

namespace Sparkish.Tests.Hosting;

/// <summary>A master and a worker in one application.</summary>
internal sealed class HostedClusterTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Test]
    public async Task A_master_and_a_worker_start_with_the_host_become_healthy_and_stop_with_it()
    {
        using var directory = new TemporaryDirectory();
        var port = FreePort();
        using var host = Build(services => services
            .AddSparkishMaster(master => master.Port = port)
            .AddSparkishWorker(worker => (worker.Masters, worker.WorkDirectory, worker.Cores, worker.MemoryMiB) = ($"spark://127.0.0.1:{port}", directory.Path, 1, 512)));
        var checks = host.Services.GetRequiredService<HealthCheckService>();

        var before = await checks.CheckHealthAsync();
        await host.StartAsync();
        Assert.That(async () => (await checks.CheckHealthAsync()).Status, Is.EqualTo(HealthStatus.Healthy).After((int)Limit.TotalMilliseconds, 50));
        var running = await checks.CheckHealthAsync();
        await host.StopAsync();
        var after = await checks.CheckHealthAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That((before.Status, after.Status), Is.EqualTo((HealthStatus.Unhealthy, HealthStatus.Unhealthy)));
            Assert.That(running.Entries["sparkish-master"].Description, Is.EqualTo("leader"));
            Assert.That(running.Entries["sparkish-worker"].Description, Is.EqualTo("registered"));
        }
    }

    [Test]
    public async Task A_worker_without_a_master_is_unhealthy()
    {
        using var directory = new TemporaryDirectory();
        using var host = Build(services => services.AddSparkishWorker(
            worker => (worker.Masters, worker.WorkDirectory, worker.MemoryMiB) = ($"spark://127.0.0.1:{FreePort()}", directory.Path, 512)));
        await host.StartAsync();

        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        await host.StopAsync();

        Assert.That((report.Status, report.Entries["sparkish-worker"].Description), Is.EqualTo((HealthStatus.Unhealthy, "not registered with a master")));
    }

    [Test]
    public void A_wrong_setting_fails_the_start_of_the_host()
    {
        using var host = Build(static services => services.AddSparkishMaster(static master => master.Conf.Set("spark.worker.timeout", "-5s")));

        Assert.That(async () => await host.StartAsync(), Throws.TypeOf<SparkException>().With.Message.Contains("spark.worker.timeout is '-5s'"));
    }

    [Test]
    public void Two_masters_in_one_application_are_refused() => Assert.That(
        static () => Build(static services => services.AddSparkishMaster().AddSparkishMaster()), Throws.ArgumentException.With.Message.Contains("sparkish-master"));

    private static IHost Build(Action<IServiceCollection> add)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        add(builder.Services);
        return builder.Build();
    }

    private static int FreePort()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }
}
